//go:build linux

package endtoend

import (
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"netperfmeter/test/lab"
)

// TestKernelWithoutModules: the passive side says once what it does without, and
// serves the others; the active side refuses a flow, or control that was asked
// for, before it connects, with the module that would help.
func TestKernelWithoutModules(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	passive := n.StartPassive(t, 9000)
	lacking := []struct {
		name, module   string
		kind, protocol int
		refused        [][]string
	}{
		{"DCCP", "dccp_ipv4", unix.SOCK_DCCP, unix.IPPROTO_DCCP, [][]string{{"-dccp", "default"}}},
		{"SCTP", "sctp", unix.SOCK_STREAM, unix.IPPROTO_SCTP, [][]string{{"-sctp", "default", "default"}, {"-control-over-sctp"}}},
	}
	for _, l := range lacking {
		fd, err := unix.Socket(unix.AF_INET, l.kind, l.protocol)
		if err == nil {
			unix.Close(fd)
			t.Logf("this kernel has %s", l.name)
			continue
		}
		for _, args := range l.refused {
			for _, at := range []string{"127.0.0.1:9000", "127.0.0.1:9100"} { // where nobody waits
				r := n.Run(t, lab.Ours(t, append([]string{at, "-runtime=1", "-tcp", "const10:const100"}, args...)...))
				exits(t, r, 3, "not supported: this kernel has no "+l.name)
				exits(t, r, 3, `"modprobe `+l.module+`"`)
				if strings.Count(r.Stderr, "this kernel") != 1 {
					t.Errorf("not told once: %v", r)
				}
			}
		}
		defer func() {
			if log := passive.Output(); strings.Count(log, "going on without "+l.name) != 1 || strings.Count(log, "modprobe "+l.module) != 1 {
				t.Errorf("the passive side does not say once that it has no %s: %s", l.name, log)
			}
		}()
	}
	if r := n.Run(t, lab.Ours(t, "127.0.0.1:9000", "-runtime=0.2", "-tcp", "const10:const100", "-udp", "const10:const100")); r.Code != 0 {
		t.Errorf("the others: %v", r)
	}
	passive.Signal(syscall.SIGINT)
	if r := passive.Wait(); r.Code != 0 {
		t.Errorf("the passive side: %v", r)
	}
}
