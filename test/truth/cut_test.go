//go:build linux

package truth

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// TestCutPath: a path that swallows everything without a word, as a cable that
// is cut, shows as a gap at the receiver on the same time axis as the
// subflows: while it lasts the one subflow stands still and the other one
// carries all, and nothing is lost in the end. The first path is cut: the one
// that the kernel prefers.
func TestCutPath(t *testing.T) {
	t.Parallel()
	paths := lab.TwoPaths(t)
	passive := paths.Server.StartPassive(t, 9000)
	dir := t.TempDir()
	p := paths.Client.Start(t, lab.Ours(t, paths.ServerAddr[0].String(), "--interval=0.1", "-scalar=r.sca", "-vector=r.vec",
		"-mptcp", "const400:const2000").In(dir))
	p.Await(t, "joining", 20*time.Second, func() bool {
		return strings.Contains(passive.Output(), "measurement started") && paths.Server.MPTCPCounter(t, "MPJoinAckRx") >= 1
	})
	time.Sleep(1500 * time.Millisecond)
	// The control channel shares the path and goes on.
	cut := time.Now().UnixMicro()
	paths.Client.Shell(t, `nft add table inet cut
		nft add chain inet cut out '{ type filter hook output priority 0; }'
		nft add chain inet cut in '{ type filter hook input priority 0; }'
		nft add rule inet cut out oifname v1 tcp dport 8999 drop
		nft add rule inet cut in iifname v1 tcp sport 8999 drop`)
	isCut := time.Now().UnixMicro()
	time.Sleep(3 * time.Second)
	repaired := time.Now().UnixMicro()
	paths.Client.Shell(t, "nft flush ruleset")
	time.Sleep(500 * time.Millisecond)
	if r := p.Stop(); r.Code != 0 {
		t.Fatal(r)
	}
	results := lab.ReadResults(t, dir, "r.sca", "r.vec")
	flow := lab.FlowObject(0)
	if lost := results.Passive.Uint(t, flow, "Lost Packets"); lost != 0 {
		t.Errorf("%d messages lost", lost)
	}
	begin, length := gapIn(t, results.Passive, flow, cut-100_000, repaired)
	if length == 0 {
		t.Fatalf("no gap began between %d and %d", cut, repaired)
	}
	rows := lab.ReadTransport(t, filepath.Join(dir, "r-passive-00000000-0000-transport.vec"))
	settled, end := max(isCut, begin+length)+100_000, repaired
	still, carrying := grown(t, rows, "10.81.1.2:8999", settled, end), grown(t, rows, "10.81.2.2:8999", settled, end)
	if still < 0 || carrying < 0 {
		t.Fatalf("no lines between %d and %d us after the cut", settled-cut, end-cut)
	}
	if still != 0 || carrying < 100e3*float64(end-settled)/2e6 {
		t.Errorf("while the path was cut it brought %.0f bytes, the other one %.0f", still, carrying)
	}
}

// gapIn finds the longest gap that began in a span of time: on a machine that
// others load there are more. The kernel takes the other path after a
// retransmission time-out, 200 ms at least. Both are microseconds.
func gapIn(t *testing.T, s *lab.Scalars, flow string, from, to int64) (begin, length int64) {
	t.Helper()
	start := int64(s.Uint(t, "total", "First Statistics Event"))
	for n := range s.Uint(t, flow, "Gaps") {
		name := fmt.Sprintf("Gap %d ", n+1)
		if !s.Has(flow, name+"RelTime") {
			break // only the longest are listed
		}
		at := start + int64(1e6*s.Float(t, flow, name+"RelTime"))
		if l := int64(1000 * s.Float(t, flow, name+"Length")); at >= from && at <= to && l > length {
			begin, length = at, l
		}
	}
	return begin, length
}

// grown is what a subflow, known by its local address, received between its
// first and its last line of a span of time; -1 if there are none.
func grown(t *testing.T, rows []lab.TransportRow, local string, from, to int64) float64 {
	t.Helper()
	first, last := -1.0, -1.0
	for _, row := range rows {
		if at := int64(row.Number(t, "AbsTime")); row["Local"] == local && at >= from && at <= to {
			if last = row.Number(t, "ReceivedBytes"); first < 0 {
				first = last
			}
		}
	}
	if first < 0 {
		return -1
	}
	return last - first
}
