//go:build linux

package vm

import (
	"math"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// testSCTPLoss loses packets for some seconds in mid-run, on a link between two hosts. Every flow is an association of
// its own.
func testSCTPLoss(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `lab_two_hosts
		passive_on server
		active_on client 10.81.1.2:9000 -control-over-tcp -runtime=7 \
			-sctp const50:const500:const50:const500 \
			-sctp const50:const500:const50:const500:unordered=1 \
			-sctp const50:const500:const50:const500:unreliable=1:rtx_trials=0 \
			-sctp const50:const500:const50:const500:unreliable=1:unordered=1:rtx_trials=0 \
			-sctp const50:const500:const50:const500:unreliable=1:rtx_timeout=50
		lab_loss 1 15
		sleep 3
		lab_mend 1
		wait "$active"
		stop_passive`})
	s := measured(t, r)
	for _, f := range []struct {
		flow      uint32
		loses     bool
		unordered bool
	}{{0, false, false}, {1, false, true}, {2, true, false}, {3, true, true}, {4, true, false}} {
		for _, d := range []struct{ from, to *lab.Scalars }{{s.Active, s.Passive}, {s.Passive, s.Active}} {
			object := lab.FlowObject(f.flow)
			sent, received := d.from.Counts(t, object, "Transmitted"), d.to.Counts(t, object, "Received")
			lost, late := d.to.Counts(t, object, "Lost"), d.to.Counts(t, object, "Late")
			t.Logf("flow %d from the %s side: %d sent, %d received, %d lost, %d late", f.flow, d.from.Side, sent.Packets, received.Packets, lost.Packets, late.Packets)
			if received.Packets+lost.Packets != sent.Packets || received.Bytes+lost.Bytes != sent.Bytes {
				t.Errorf("flow %d from the %s side: sent %+v, received %+v, lost %+v", f.flow, d.from.Side, sent, received, lost)
			}
			if f.loses != (lost.Packets > 0) {
				t.Errorf("flow %d from the %s side: %d lost", f.flow, d.from.Side, lost.Packets)
			}
			if f.unordered && !f.loses && late.Packets == 0 || !f.unordered && late.Packets != 0 {
				t.Errorf("flow %d from the %s side: %d late", f.flow, d.from.Side, late.Packets)
			}
			if !f.loses && d.from.Uint(t, object, "SCTP Retransmitted Chunks") == 0 {
				t.Errorf("flow %d from the %s side: nothing was retransmitted", f.flow, d.from.Side)
			}
		}
		complete(t, s, flowStream{f.flow, 0, true})
	}
}

// testSCTPFailover cuts one of two links in mid-run, of which both associations, control and data, use both.
func testSCTPFailover(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `lab_two_hosts
		passive_on server --local 10.81.1.2,10.81.2.2 --controllocal 10.81.1.2,10.81.2.2
		active_on client 10.81.1.2:9000 --controllocal 10.81.1.1,10.81.2.1 --control-over-sctp --local 10.81.1.1,10.81.2.1 -runtime=7 \
			-sctp const50:const500:const50:const500 const20:const300:const20:const300
		sleep 1
		lab_cut 1
		wait "$active"
		stop_passive`})
	s := measured(t, r)
	for _, f := range []flowStream{{0, 0, true}, {1, 1, true}} {
		sameOut(t, s, f)
		complete(t, s, f)
		for _, side := range []*lab.Scalars{s.Active, s.Passive} {
			object := lab.FlowObject(f.flow)
			gap := side.Float(t, object, "Longest Gap")
			t.Logf("flow %d: the %s side received nothing for %.0f ms", f.flow, side.Side, gap)
			// The kernel tries the other path after a retransmission time-out, which is a second at least.
			if gap < 500 {
				t.Errorf("flow %d: the longest gap of the %s side is %v ms", f.flow, side.Side, gap)
			}
			var seen, visible float64
			lab.EachFlowRow(t, s.FlowPath(side.Side, f.flow, f.stream), func(row lab.FlowRow) {
				visible = max(visible, row.RelTime-seen)
				seen = max(seen, row.RelTime)
			})
			if seen < 5 {
				t.Errorf("flow %d: the %s side's vector ends at %v s", f.flow, side.Side, seen)
			}
			if math.Abs(1000*visible-gap) > 1 {
				t.Errorf("flow %d: the longest gap of the %s side is %v ms, in its vector %v ms", f.flow, side.Side, gap, 1000*visible)
			}
			if paths := side.Uint(t, object, "SCTP Paths"); paths != 2 {
				t.Errorf("flow %d: %d paths", f.flow, paths)
			}
		}
	}
}
