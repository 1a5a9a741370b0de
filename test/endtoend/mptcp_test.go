//go:build linux

package endtoend

import (
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// Bounds for two paths of 50 Mbit/s each. A flow that uses one of them can
// never reach the first; one that uses both has room for a slow machine.
const (
	moreThanOnePath = 60e6
	onePath         = 50.5e6 // the shaping lets a first burst through
	halfOfOnePath   = 25e6
)

// TestTwoPaths: MPTCP carries nearly the sum of two paths and TCP one of them.
// Each is tried up to three times, since others may use the machine.
func TestTwoPaths(t *testing.T) {
	paths := lab.TwoPaths(t)
	paths.Server.StartPassive(t, 9000, "--quiet")
	for _, test := range []struct {
		transport string
		enough    float64
		other     [2]float64 // least and largest part of the bytes that the second path carries
	}{
		{"-mptcp", moreThanOnePath, [2]float64{0.2, 0.8}},
		{"-tcp", halfOfOnePath, [2]float64{0, 0.02}},
	} {
		rate := 0.0
		for try := 0; try < 3 && rate < test.enough; try++ {
			before := [2]uint64{paths.Client.Counter(t, "v1", "tx_bytes"), paths.Client.Counter(t, "v2", "tx_bytes")}
			rate = receivedRate(t, paths, test.transport)
			first := float64(paths.Client.Counter(t, "v1", "tx_bytes") - before[0])
			second := float64(paths.Client.Counter(t, "v2", "tx_bytes") - before[1])
			t.Logf("%s: %.1f Mbit/s, %.0f bytes on the first path, %.0f on the second", test.transport, rate/1e6, first, second)
			if part := second / (first + second); part < test.other[0] || part > test.other[1] {
				t.Errorf("%s: the second path carries %.0f of %.0f bytes", test.transport, second, first+second)
			}
		}
		if rate < test.enough || test.transport == "-tcp" && rate > onePath {
			t.Errorf("%s: %.1f Mbit/s over two paths of 50", test.transport, rate/1e6)
		}
	}
}

// receivedRate measures for three seconds and returns bit/s.
func receivedRate(t *testing.T, paths *lab.Paths, transport string) float64 {
	t.Helper()
	dir := t.TempDir()
	r := paths.Client.Run(t, lab.Ours(t, paths.ServerAddr[0].String(), "-runtime=3", "-scalar=r.sca", transport, "const0:const1460").In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	results := lab.ReadResults(t, dir, "r.sca", "")
	agree(t, results, []expected{{stream: true, outgoing: way{frame: travels(1460, 16000)}, incoming: way{idle: true}}})
	return results.Passive.Float(t, lab.FlowObject(0), "Received Bit Rate")
}

// TestWhatIsMPTCP looks at the packets: subflows join on the MPTCP port, and
// no packet of the TCP ports has an MPTCP option.
func TestWhatIsMPTCP(t *testing.T) {
	paths := lab.TwoPaths(t)
	paths.Server.StartPassive(t, 9000, "--quiet")
	captures := []*lab.Capture{paths.Client.Capture(t, "v1", "tcp"), paths.Client.Capture(t, "v2", "tcp")}
	r := paths.Client.Run(t, lab.Ours(t, paths.ServerAddr[0].String(), "-control-over-tcp", "-runtime=1",
		"-mptcp", "const100:const1460", "-tcp", "const100:const1460:const100:const1460:cmt=off", "-tcp", "const100:const1460:const50:const100:cmt=mptcp"))
	if r.Code != 0 {
		t.Fatal(r)
	}
	time.Sleep(100 * time.Millisecond)
	const join = "tcp.port == 8999 && tcp.options.mptcp.subtype == 1 && tcp.flags.syn == 1 && tcp.flags.ack == 0"
	joins := 0
	for i, c := range captures {
		c.Stop(t)
		if i == 0 && len(lab.Tshark(t, c.File, "tcp.port == 8999 && tcp.options.mptcp.subtype == 0 && tcp.flags.syn == 1", nil)) == 0 {
			t.Error("no MP_CAPABLE on the MPTCP port")
		}
		joins += len(lab.Tshark(t, c.File, join, nil))
		const plain = "(tcp.port == 9000 || tcp.port == 9001)"
		if wrong := lab.Tshark(t, c.File, plain+" && tcp.option_kind == 30", nil); len(wrong) > 0 {
			t.Errorf("%d packets with an MPTCP option on the TCP ports, the first: %s", len(wrong), wrong[0])
		}
		if i == 0 && len(lab.Tshark(t, c.File, plain, nil)) < 100 {
			t.Error("the capture does not have the TCP flow")
		}
	}
	if joins < 2 {
		t.Errorf("%d subflows join on the MPTCP port, want one for each of two flows", joins)
	}
}

// TestMPTCPSwitchedOff: on the active side it is refused with the reason, and
// never silently TCP. A passive side without it goes on serving TCP, and an
// active side that has it is told why it has fallen back.
func TestMPTCPSwitchedOff(t *testing.T) {
	n := lab.Loopback(t)
	n.Sysctl(t, "net/mptcp/enabled", "0")
	n.StartPassive(t, 9000)
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=1", "-mptcp", "const10:const100"))
	exits(t, r, 3, "net.mptcp.enabled")
	if r := n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=0.2", "-tcp", "const10:const100")); r.Code != 0 {
		t.Error(r)
	}
	// The passive side has no MPTCP, the active side has.
	n.Sysctl(t, "net/mptcp/enabled", "1")
	r = n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=0.2", "-mptcp", "const10:const100"))
	const verdict = "fell back to TCP at set-up: the answer carried no MPTCP option; the passive side has MPTCP switched off (net.mptcp.enabled)"
	if r.Code != 0 || !strings.Contains(r.Stdout, "Flow 0 ran over: "+verdict+"\n") {
		t.Errorf("a passive side without MPTCP: %v", r)
	}
	r = n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=60", "--require-mptcp", "-mptcp", "const10:const100"))
	exits(t, r, 4, verdict)
}
