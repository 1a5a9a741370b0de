//go:build linux

package vm

import (
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// referenceFlows are five streams, one stream, TCP and UDP. The reference aborts and hangs if one stream still sends while
// its association is shut down, so all are off before the end; then nothing is in flight either, and counts agree. 1.9.4
// gives messages up after as many milliseconds as it was told trials (13 of 33 were lost with 3 on loopback).
const referenceFlows = `-sctp const20:const1000:const10:const500:onoff=0,3:description=Alpha \
	const10:const5000:const10:const5000:onoff=0,3 \
	const20:const300:const20:const300:onoff=0,3:unordered=0.5 \
	const20:const300:const20:const300:onoff=0,3:unreliable=1:rtx_trials=10000 \
	const20:const300:const20:const300:onoff=0,3:unreliable=0.5:rtx_timeout=10000 \
	-sctp const20:const1400:const20:const1400:onoff=0,3:nodelay=on \
	-tcp const10:const1000:const5:const500:onoff=0,3 -udp const10:const300:const5:const100:onoff=0,3`

// referenceMeasured looks at what measuring them gave. Of frames the reference counts those only whose time-out has
// passed.
func referenceMeasured(t *testing.T, r Result) {
	t.Helper()
	s := measured(t, r)
	for flow := range uint32(8) {
		for _, d := range []struct{ from, to *lab.Scalars }{{s.Active, s.Passive}, {s.Passive, s.Active}} {
			sent := d.from.Counts(t, lab.FlowObject(flow), "Transmitted")
			received := d.to.Counts(t, lab.FlowObject(flow), "Received")
			if sent.Packets == 0 || sent.Packets != received.Packets || sent.Bytes != received.Bytes {
				t.Errorf("flow %d: the %s side sent %+v, the other received %+v", flow, d.from.Side, sent, received)
			}
			stream := uint16(0)
			if flow < 5 {
				stream = uint16(flow)
			}
			if v := s.Stream(t, d.to.Side, flow, stream); v.Lines != received.Packets {
				t.Errorf("flow %d: the %s side received %+v, its vector has %d lines", flow, d.to.Side, received, v.Lines)
			}
		}
	}
	dissected(t, s.Dir, strings.TrimSpace(string(r.File(t, "port"))), 5)
}

func testReferenceToOursSCTP(t *testing.T, m *Machine) {
	referenceMeasured(t, m.Run(t, Case{Limit: 3 * time.Minute, Script: `ip link set lo mtu 1500
		CAPTURE=sctp
		measure 4 40 ours reference -runtime=5 -config=run.config ` + referenceFlows}))
}

func testOursToReferenceSCTP(t *testing.T, m *Machine) {
	referenceMeasured(t, m.Run(t, Case{Limit: 3 * time.Minute, Script: `ip link set lo mtu 1500
		CAPTURE=sctp
		measure 4 40 reference ours --peer-version=1.9 -runtime=5 -config=run.config ` + referenceFlows}))
}
