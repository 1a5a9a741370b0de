//go:build linux

package endtoend

import (
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"netperfmeter/test/lab"
)

// TestKernelWithoutDCCP: the passive side says once that it does without, and
// serves the others; the active side refuses a flow before it connects, with
// the module that would help.
func TestKernelWithoutDCCP(t *testing.T) {
	t.Parallel()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DCCP, unix.IPPROTO_DCCP)
	if err == nil {
		unix.Close(fd)
		t.Skip("this kernel has DCCP")
	}
	n := lab.Loopback(t)
	passive := n.StartPassive(t, 9000)
	// Nobody waits at 9100.
	for _, at := range []string{"127.0.0.1:9000", "127.0.0.1:9100"} {
		r := n.Run(t, lab.Ours(t, at, "-runtime=1", "-tcp", "const10:const100", "-dccp", "default"))
		exits(t, r, 3, "flow -dccp default: not supported: this kernel has no DCCP")
		exits(t, r, 3, `"modprobe dccp_ipv4"`)
		if strings.Count(r.Stderr, "DCCP") != 1 {
			t.Errorf("not told once: %v", r)
		}
	}
	if r := n.Run(t, lab.Ours(t, "127.0.0.1:9000", "-runtime=0.2", "-tcp", "const10:const100", "-udp", "const10:const100")); r.Code != 0 {
		t.Errorf("the others: %v", r)
	}
	passive.Signal(syscall.SIGINT)
	r := passive.Wait()
	if r.Code != 0 || strings.Count(r.Stderr, "going on without DCCP") != 1 || strings.Count(r.Stderr, "modprobe dccp_ipv4") != 1 {
		t.Errorf("the passive side: %v", r)
	}
}
