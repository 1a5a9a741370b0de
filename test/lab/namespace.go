//go:build linux

package lab

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Namespace is a network namespace with one thread in it.
type Namespace struct {
	Name  string // for messages only
	fd    int
	calls chan func()
	ended chan struct{}
	close sync.Once
}

// NewNamespace makes an empty namespace with its loopback up, under the cubic congestion control. It ends with the
// test, after what was started in it.
func NewNamespace(t testing.TB, name string) *Namespace {
	t.Helper()
	NeedRoot(t)
	NeedTools(t, "ip")
	n := &Namespace{Name: name, fd: -1, calls: make(chan func()), ended: make(chan struct{})}
	ready := make(chan error)
	go n.thread(ready)
	if err := <-ready; err != nil {
		Unable(t, "cannot make a network namespace: %v", err)
	}
	t.Cleanup(n.Close)
	n.Shell(t, `ip link set lo up
		ip route replace local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1 congctl cubic
		ip route replace local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 congctl cubic
		ip -6 route add local ::1 dev lo table local proto kernel congctl cubic 2>/dev/null &&
		ip -6 route del local ::1 dev lo table local metric 0 || true`)
	// Without this a lost SYN with MPTCP's option switches MPTCP off for an hour.
	n.Sysctl(t, "net/mptcp/blackhole_timeout", "0")
	return n
}

// Loopback is a namespace of nothing but its loopback: every port is free and nobody else is there. The route says
// cubic because the default congestion control may be one that a namespace is not permitted to change.
func Loopback(t testing.TB) *Namespace {
	t.Helper()
	return NewNamespace(t, "loopback")
}

// thread lives in the namespace. It is never unlocked: it ends with the goroutine, and the processes that it started
// and that still run are killed by the kernel with it.
func (n *Namespace) thread(ready chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() == unix.Getpid() {
		// The main thread would be kept when the goroutine ends. While this one holds it, another gets another one.
		again := make(chan error)
		go n.thread(again)
		err := <-again
		runtime.UnlockOSThread()
		ready <- err
		return
	}
	err := unix.Unshare(unix.CLONE_NEWNET)
	if err == nil {
		n.fd, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	}
	ready <- err
	if err != nil {
		return
	}
	for f := range n.calls {
		f()
	}
	unix.Close(n.fd)
	close(n.ended)
}

// Close ends the namespace; the test's clean-up does it as well.
func (n *Namespace) Close() {
	n.close.Do(func() {
		close(n.calls)
		<-n.ended
	})
}

// Do runs f on the thread in the namespace: sockets that it opens belong there and stay there when used elsewhere.
// f must not end the test.
func (n *Namespace) Do(f func() error) error {
	done := make(chan error, 1)
	n.calls <- func() { done <- f() }
	return <-done
}

// file names the namespace for ip(8).
func (n *Namespace) file() string { return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.fd) }

// Shell runs lines of shell in the namespace; the first one that fails ends the test.
func (n *Namespace) Shell(t testing.TB, script string) string {
	t.Helper()
	r := n.Run(t, Command{Name: "sh", Args: []string{"-ec", script}, Limit: 30 * time.Second, quiet: true})
	if r.Code != 0 {
		t.Fatalf("in %s: %s\nexit status %d: %s%s", n.Name, script, r.Code, r.Stdout, r.Stderr)
	}
	return r.Stdout
}

// Sysctl writes below /proc/sys of this namespace.
func (n *Namespace) Sysctl(t testing.TB, name, value string) {
	t.Helper()
	if err := n.Do(func() error { return os.WriteFile("/proc/sys/"+name, []byte(value), 0o644) }); err != nil {
		Unable(t, "in %s: setting %s: %v", n.Name, name, err)
	}
}

// Listening tells whether something listens on the port: "tcp" (MPTCP too) or "udp".
func (n *Namespace) Listening(network string, port int) bool {
	state := map[string]string{"tcp": " 0A ", "udp": " 07 "}[network]
	found := false
	n.Do(func() error {
		for _, version := range []string{"", "6"} {
			b, _ := os.ReadFile("/proc/thread-self/net/" + network + version)
			for line := range strings.Lines(string(b)) {
				fields := strings.Fields(line)
				if len(fields) > 3 && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) && " "+fields[3]+" " == state {
					found = true
				}
			}
		}
		return nil
	})
	return found
}

// start forks on the namespace's thread; when that ends, the kernel kills what it forked.
func (n *Namespace) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr.Pdeathsig = unix.SIGKILL
	return n.Do(cmd.Start)
}
