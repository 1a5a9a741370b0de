//go:build linux

package interop

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netperfmeter/test/lab"
	"netperfmeter/test/peer20"
)

// TestNothingOfTheExtension: on the control channels with Debian's program,
// in both roles, there are the eight types of the protocol and nothing else,
// though transport vectors are wanted. Our end says what its kernel says, and
// that this is its end alone.
func TestNothingOfTheExtension(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	n.StartReferencePassive(t, 9200)
	capture := n.Capture(t, "lo", "tcp port 9001 or tcp port 9201")
	args := []string{"-runtime=1", "-vector=r.vec", "-scalar=r.sca", "-tcp", "const50:const1000:const50:const700", "-udp", "const20:const100"}
	r := n.Run(t, lab.Reference(t, "127.0.0.1:9000", args...).In(t.TempDir()))
	if r.Code != 0 || r.TimedOut {
		t.Fatal(r)
	}
	dir := t.TempDir()
	r = n.Run(t, lab.Ours(t, append([]string{"127.0.0.1:9200", "--peer-version=1.9"}, args...)...).In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	capture.Stop(t)
	for port, least := range map[string]int{"9001": 10, "9201": 10} {
		for _, direction := range []string{"src", "dst"} {
			types := controlTypes(t, capture.File, "tcp."+direction+"port == "+port)
			total := 0
			for kind, count := range types {
				if total += count; kind < 1 || kind > 8 {
					t.Errorf("port %s, %s: %d messages of type %#x", port, direction, count, kind)
				}
			}
			if total < least/2 {
				t.Errorf("port %s, %s: %d messages", port, direction, total)
			}
		}
	}
	if !strings.Contains(r.Stdout, "Flow 0 ran over: TCP, cubic\n") || !strings.Contains(r.Stdout, "another program: this is what the kernel of this side says") {
		t.Errorf("what is said of the transport:\n%s", r.Stdout)
	}
	if rows := lab.ReadTransport(t, filepath.Join(dir, "r-active-00000000-0000-transport.vec")); len(rows) < 2 || rows[0]["Protocol"] != "TCP" {
		t.Errorf("%d lines: %v", len(rows), rows)
	}
	if _, err := os.Stat(filepath.Join(dir, "r-passive-00000000-0000-transport.vec")); !os.IsNotExist(err) {
		t.Errorf("a transport vector of the reference: %v", err)
	}
}

// controlTypes counts the messages of one direction of a control channel by
// their types.
func controlTypes(t *testing.T, file, filter string) map[byte]int {
	t.Helper()
	var stream []byte
	for _, line := range lab.Tshark(t, file, filter+" && tcp.len > 0 && !tcp.analysis.retransmission", []string{"tcp.payload"}) {
		b, err := hex.DecodeString(strings.ReplaceAll(line, ":", ""))
		if err != nil {
			t.Fatal(err)
		}
		stream = append(stream, b...)
	}
	types := map[byte]int{}
	for len(stream) > 0 {
		if len(stream) < 4 || int(stream[2])<<8|int(stream[3]) < 4 || int(stream[2])<<8|int(stream[3]) > len(stream) {
			t.Fatalf("%s: no message: % x", filter, stream[:min(len(stream), 16)])
		}
		types[stream[0]]++
		stream = stream[int(stream[2])<<8|int(stream[3]):]
	}
	return types
}

// TestFallbackWithAReference: whose fault it is cannot be told, and that is
// said; --require-mptcp ends the program before the run.
func TestFallbackWithAReference(t *testing.T) {
	lab.NeedTools(t, "iptables")
	n := lab.Loopback(t)
	n.Sysctl(t, "net/mptcp/enabled", "1")
	n.Shell(t, "iptables -t mangle -A OUTPUT -p tcp -j TCPOPTSTRIP --strip-options 30")
	const verdict = "fell back to TCP at set-up: the answer carried no MPTCP option; " +
		"the passive side is another program, so that its host cannot be told from a box on the path"
	_, r, err := servedBy(t, n, peer20.PassiveConfig{Base: 9000},
		lab.Ours(t, "127.0.0.1", "-runtime=0.3", "-mptcp", "const50:const330").In(t.TempDir()))
	if err != nil || r.Code != 0 || !strings.Contains(r.Stdout, "Flow 0 ran over: "+verdict+"\n") {
		t.Errorf("%v\n%v", err, r)
	}
	_, r, _ = servedBy(t, n, peer20.PassiveConfig{Base: 9200},
		lab.Ours(t, "127.0.0.1:9200", "--require-mptcp", "-runtime=60", "-mptcp", "const50:const330").In(t.TempDir()))
	if r.Code != 4 || !strings.Contains(r.Stderr, "shall be MPTCP, and "+verdict+"\n") {
		t.Errorf("required: %v", r)
	}
}
