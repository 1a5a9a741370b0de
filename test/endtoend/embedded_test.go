//go:build linux

package endtoend

import (
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// TestFirstCommand is the README's: it needs nothing but the program, and
// measures MPTCP in the first half and TCP in the second.
func TestFirstCommand(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	dir := t.TempDir()
	r := n.Run(t, lab.Ours(t, "--embedded").In(dir).For(2*time.Minute))
	if r.Code != 0 || r.TimedOut {
		t.Fatal(r)
	}
	hasRow(t, r.Stdout, "0 MPTCP MPTCP out")
	hasRow(t, r.Stdout, "1 TCP TCP out")
	if r.Elapsed < 10*time.Second {
		t.Errorf("it took %v", r.Elapsed)
	}
}

// TestEmbedded: shorter, with files, which tell when which flow was on.
func TestEmbedded(t *testing.T) {
	n := lab.Loopback(t)
	dir := t.TempDir()
	r := n.Run(t, lab.Ours(t, "--embedded", "-runtime=0.6", "-scalar=e.sca", "-vector=e.vec").In(dir).For(2*time.Minute))
	if r.Code != 0 {
		t.Fatal(r)
	}
	saturated := way{frame: travels(1400, 16000)}
	results := lab.ReadResults(t, dir, "e.sca", "e.vec")
	agree(t, results, []expected{
		{id: 0, stream: true, outgoing: saturated, incoming: way{idle: true}},
		{id: 1, stream: true, outgoing: saturated, incoming: way{idle: true}}})
	begin := results.Active.Uint(t, "total", "First Statistics Event")
	if tcp := results.Active.Uint(t, "flow[1]", "First Transmission"); tcp < begin+290_000 {
		t.Errorf("TCP begins %d us after the start, before the second half", tcp-begin)
	}
	// Flows of one's own, at an address of one's own.
	r = n.Run(t, lab.Ours(t, "--embedded", "::1", "-runtime=0.3", "-scalar=f.sca", "-udp", "const50:const100:const50:const200").In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	agree(t, lab.ReadResults(t, dir, "f.sca", ""), []expected{{outgoing: way{frame: travels(100, 16000)}, incoming: way{frame: travels(200, 16000)}}})
}
