//go:build linux

package endurance

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// within is a command under limits of the shell's ulimit, or in a mount namespace of its own: what the script sets up
// before it runs it.
func within(c lab.Command, script string) lab.Command {
	c.Args = append([]string{"--mount", "sh", "-c", script + ` && exec "$0" "$@"`, c.Name}, c.Args...)
	c.Name = "unshare"
	return c
}

// startWithin starts a passive side so.
func startWithin(t *testing.T, n *lab.Namespace, c lab.Command, script string) *lab.Process {
	t.Helper()
	lab.NeedTools(t, "unshare", "mount")
	p := n.Start(t, within(c, script).For(5*time.Minute))
	p.Await(t, "listening", 20*time.Second, func() bool { return n.Listening("tcp", 9001) && n.Listening("udp", 9000) })
	return p
}

// TestFewDescriptors: a passive side that has no more descriptors says so, and serves again when others have ended: here
// connections that never say what they are for. An active side that has too few says that.
func TestFewDescriptors(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	p := startWithin(t, n, lab.Ours(t, "9000", "--nodisplay", "--limit=unidentified-time=3"), "ulimit -n 40")
	var idle []net.Conn
	for range 60 {
		conn, err := n.Dial("tcp", "127.0.0.1:9001")
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		idle = append(idle, conn)
	}
	p.Await(t, "descriptors having run out", 20*time.Second, func() bool { return strings.Contains(p.Output(), "cannot accept for now") })
	for i, conn := range idle {
		conn.SetReadDeadline(time.Now().Add(settleTime))
		if _, err := conn.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("connection %d is still there", i)
		}
	}
	measureOnce(t, n, "0.5")
	t.Logf("%d idle connections at a passive side with 40 descriptors", len(idle))
	lab.NeedTools(t, "unshare")
	c := within(lab.Ours(t, "127.0.0.1", "-runtime=1", "-count=50", "-tcp", "const10:const10"), "ulimit -n 30")
	if r := n.Run(t, c); r.Code != 2 && r.Code != 3 || !strings.Contains(r.Stderr, "too many open files") {
		t.Errorf("want exit status 2 or 3 and the reason: %v", r)
	}
	measureOnce(t, n, "0.2")
}

// TestLittleMemory: both sides with a bound on their memory that saturated flows and compressed vectors would exceed;
// what memory cannot keep goes to files.
func TestLittleMemory(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	plain := lab.PlainProgram(t)
	const little = "ulimit -v 4000000" // kilobytes of addresses, of which Go and each thread reserve far more than they use
	environment := []string{"GOMEMLIMIT=48MiB"}
	startWithin(t, n, lab.Command{Name: plain, Args: []string{"9000", "--quiet"}, Env: environment}, little)
	dir := t.TempDir()
	c := lab.Command{Name: plain, Env: environment, Args: []string{"127.0.0.1", "-runtime=0.5", "-scalar=r.sca", "-vector=r.vec.bz2",
		"-tcp", "const0:const1000:const0:const1000", "-udp", "const1000:const200:const1000:const200"}}
	r := n.Run(t, within(c, little).In(dir).For(2*time.Minute))
	if r.Code != 0 {
		t.Fatal(r)
	}
	_, messages, _, err := exact(dir, []string{"tcp", "udp"})
	if err != nil || messages == 0 {
		t.Errorf("%d messages, %v", messages, err)
	}
	t.Logf("%d messages with vectors in 48 MiB a side", messages)
}

// TestUnwritable: folders that cannot be written, on either side. The active side names the file before anything
// starts; the passive side refuses what needs a file, and serves what needs none.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/disk", 0o755); err != nil {
		t.Fatal(err)
	}
	readOnly := fmt.Sprintf("mount -t tmpfs -o ro none %s/disk", dir)
	c := lab.Ours(t, "9000", "--nodisplay")
	c.Env = append(c.Env, "TMPDIR="+dir+"/disk")
	p := startWithin(t, n, c, readOnly)
	out := t.TempDir()
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=1", "-vector=r.vec", "-tcp", "const50:const100").In(out))
	if r.Code != 3 || !strings.Contains(p.Output(), "read-only file system") {
		t.Errorf("with a read-only folder on the passive side: %v\n%s", r, p.Output())
	}
	if left := read(t, out); len(left) != 0 {
		t.Errorf("left behind: %d files", len(left))
	}
	r = n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=0.2", "-scalar=r.sca", "-tcp", "const50:const100:const50:const100").In(out))
	if r.Code != 0 {
		t.Errorf("without vectors: %v", r)
	}
	r = n.Run(t, within(lab.Ours(t, "127.0.0.1", "-runtime=1", "-scalar="+dir+"/disk/r.sca", "-tcp", "const50:const100").In(out), readOnly))
	if r.Code != 6 || !strings.Contains(r.Stderr, dir+"/disk/r-active.sca") {
		t.Errorf("with a read-only folder on the active side: %v", r)
	}
}
