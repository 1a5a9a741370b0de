//go:build linux

package vm

import (
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// flowStream is a flow of a measurement, with its stream.
type flowStream struct {
	flow   uint32
	stream uint16
	back   bool // the passive side sends as well
}

// complete holds a flow's vectors against its scalars, on both sides.
func complete(t *testing.T, s *lab.Results, f flowStream) {
	t.Helper()
	for _, d := range []struct {
		receiver *lab.Scalars
		wanted   bool
	}{{s.Passive, true}, {s.Active, f.back}} {
		received := d.receiver.Counts(t, lab.FlowObject(f.flow), "Received")
		v := s.Stream(t, d.receiver.Side, f.flow, f.stream)
		v.Consistent(t)
		if got := (lab.Counts{Bytes: v.Bytes, Packets: v.Lines, Frames: v.Frames}); got != received || d.wanted != (v.Lines > 0) {
			t.Errorf("flow %d: the %s side has received %+v, its vector's lines sum up to %+v", f.flow, d.receiver.Side, received, got)
		}
	}
}

// testOursSCTP: control over SCTP is the default; all transports of this kernel beside each other.
func testOursSCTP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `ip link set lo mtu 1500
		CAPTURE=sctp
		measure 1 40 ours ours -runtime=2 -config=run.config -sctp \
			const20:const1000:const10:const500:description=Alpha \
			const10:uniform500,25000:const10:uniform500,25000:nodelay=on \
			const30:const300:const30:const300:unordered=0.5 \
			const20:const300:const20:const300:unreliable=1:rtx_trials=3 \
			const20:const300:const0:const0:unreliable=0.5:unordered=0.5:rtx_timeout=10000 \
			-sctp const20:const1400:const20:const1400 \
			-tcp const10:const1000:const5:const500 -mptcp const10:const1000:const5:const500 -udp const10:const300:const5:const100`})
	s := measured(t, r)
	flows := []flowStream{{0, 0, true}, {1, 1, true}, {2, 2, true}, {3, 3, true}, {4, 4, false}, {5, 0, true}, {6, 0, true}, {7, 0, true}, {8, 0, true}}
	for _, f := range flows {
		plausible(t, s.Active, s.Passive, f.flow, 5)
		sameOut(t, s, f)
		complete(t, s, f)
	}
}

// sameOut holds the counts of both sides against each other, to the byte.
func sameOut(t *testing.T, s *lab.Results, f flowStream) {
	t.Helper()
	for _, d := range []struct {
		from, to *lab.Scalars
		wanted   bool
	}{{s.Active, s.Passive, true}, {s.Passive, s.Active, f.back}} {
		sent := d.from.Counts(t, lab.FlowObject(f.flow), "Transmitted")
		received := d.to.Counts(t, lab.FlowObject(f.flow), "Received")
		if sent != received || d.wanted != (sent.Packets > 0) {
			t.Errorf("flow %d: the %s side sent %+v, the other received %+v", f.flow, d.from.Side, sent, received)
		}
	}
}
