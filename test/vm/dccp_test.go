//go:build linux

package vm

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
	"netperfmeter/wire"
)

// testDCCPChannels runs the tests of channels that need DCCP, on one processor: on several, packets overtake each other on
// loopback, and DCCP drops one that comes more than a quarter of its sequence window, 25 packets, too late (RFC 4340, 7.5.1).
func testDCCPChannels(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 3 * time.Minute, Script: "taskset 1 channels.test -test.v -test.run 'DCCPKeeps|DCCPEnd|DCCPMessageSize|CCID'"})
	r.Okay(t)
	for _, name := range []string{"TestDCCPKeepsTheContract", "TestDCCPEnd", "TestDCCPMessageSize", "TestCCID"} {
		if !strings.Contains(r.Output, "--- PASS: "+name+" ") {
			t.Errorf("%s did not pass\n%s", name, r.All())
		}
	}
}

// accounted holds the counts of both sides of a flow against each other: what was sent was received or is lost.
func accounted(t *testing.T, s *lab.Results, flow uint32) {
	t.Helper()
	object := lab.FlowObject(flow)
	for _, d := range []struct{ from, to *lab.Scalars }{{s.Active, s.Passive}, {s.Passive, s.Active}} {
		sent, received, lost := d.from.Counts(t, object, "Transmitted"), d.to.Counts(t, object, "Received"), d.to.Counts(t, object, "Lost")
		if received.Packets == 0 || sent.Packets != received.Packets+lost.Packets || sent.Bytes != received.Bytes+lost.Bytes {
			t.Errorf("flow %d: the %s side sent %+v; received %+v, lost %+v", flow, d.from.Side, sent, received, lost)
		}
	}
}

// testDCCP measures over DCCP beside UDP and TCP, between ours.
func testDCCP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `CAPTURE='ip proto 33'
		measure 1 60 ours ours -control-over-tcp -runtime=3 -config=run.config \
			-dccp const20:const1000:const10:const500 -udp const20:const300:const10:const100 -tcp const20:const1000:const10:const500`})
	s := measured(t, r)
	accounted(t, s, 0)
	for flow := range uint32(3) {
		plausible(t, s.Active, s.Passive, flow, 30)
		if flow > 0 {
			same(t, s, flow)
		}
	}
	capture := filepath.Join(s.Dir, "run.pcap")
	lab.NothingMalformed(t, capture)
	if codes := lab.Tshark(t, capture, "dccp.type == 0", []string{"dccp.service_code"}); len(codes) == 0 || codes[0] != fmt.Sprint(wire.DCCPServiceCode) {
		t.Errorf("service codes %q, not %d", codes, wire.DCCPServiceCode)
	}
	if lines := lab.Tshark(t, capture, "dccp && netperfmeter", nil); len(lines) < 90 {
		t.Errorf("%d messages over DCCP: %q", len(lines), lines)
	}
}

// testDCCPSaturated fills a link of 4 Mbit/s that loses some packets, over IPv6 and with each congestion control.
func testDCCPSaturated(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `lab_two_hosts
		lab_netem 1 delay 5ms rate 4mbit loss 1%
		on server ours 9000 >passive.log 2>&1 &
		await 20 listening_on server udp 9000
		on client timeout 60 ours [fd81:1::2]:9000 -control-over-tcp -runtime=4 -scalar=run.sca -vector=run.vec \
			-dccp const0:const1400:const0:const0:ccid=2 -dccp const0:const0:const0:const1400:ccid=3 >active.log 2>&1`})
	s := measured(t, r)
	for flow, d := range []struct{ from, to *lab.Scalars }{{s.Active, s.Passive}, {s.Passive, s.Active}} {
		object := lab.FlowObject(uint32(flow))
		sent, received, lost := d.from.Counts(t, object, "Transmitted"), d.to.Counts(t, object, "Received"), d.to.Counts(t, object, "Lost")
		// 4 Mbit/s for four seconds are 1400 messages.
		if received.Packets < 20 || sent.Packets > 3000 || sent.Packets != received.Packets+lost.Packets {
			t.Errorf("flow %d: sent %+v; received %+v, lost %+v", flow, sent, received, lost)
		}
	}
}

// testDCCPRefused asks for what DCCP cannot do.
func testDCCPRefused(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: `lab_two_hosts
		on server ours 9000 >passive.log 2>&1 &
		await 20 listening_on server udp 9000
		for flow in const10:const2000 default:ccid=77 const10:const2000:const10:const2000:maxmsgsize=1400; do
			on client timeout 30 ours 10.81.1.2:9000 -control-over-tcp -runtime=1 -dccp $flow 2>&1 | tail -n 1
			on client timeout 30 ours 10.81.1.2:9000 -control-over-tcp -runtime=1 -dccp $flow >/dev/null 2>&1 || echo "exit $?"
		done
		on client timeout 30 ours 10.81.1.2:9000 -control-over-tcp -runtime=2 -dccp const10:exp3000 2>&1 | tail -n 1`})
	r.Okay(t)
	for _, want := range []string{
		"a message of 2000 bytes is longer than a packet of DCCP, which holds 1440 bytes on this path: maxmsgsize=1440 cuts frames into such messages\nexit 3",
		`congestion control "CCID 77": unknown to this kernel (invalid argument); available: CCID 2, CCID 3` + "\nexit 3",
		"does not fit into a datagram, which holds at most 1440 here: message too long",
	} {
		if !strings.Contains(r.Output, want) {
			t.Errorf("not said: %s\n%s", want, r.All())
		}
	}
}

// testReferenceToOursDCCP: what the reference sent last need not have arrived.
func testReferenceToOursDCCP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 4 * time.Minute, Script: `measure 8 15 ours reference -control-over-tcp -runtime=2 -config=run.config \
		-dccp const20:const1000:const10:const500:ccid=2 -udp const20:const300:const10:const100 -tcp const20:const1000:const10:const500`})
	s := measured(t, r)
	for flow := range uint32(3) {
		plausible(t, s.Active, s.Passive, flow, 20)
		plausible(t, s.Passive, s.Active, flow, 10)
	}
}

func testOursToReferenceDCCP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 4 * time.Minute, Script: `measure 8 25 reference ours -control-over-tcp -peer-version=1.9 -runtime=2 -config=run.config \
		-dccp const20:const1000:const10:const500 -udp const20:const300:const10:const100 -tcp const20:const1000:const10:const500`})
	s := measured(t, r)
	for flow := range uint32(3) {
		plausible(t, s.Active, s.Passive, flow, 20)
		plausible(t, s.Passive, s.Active, flow, 10)
	}
}
