//go:build linux

package vm

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// measured saves what a measurement has left behind as run.sca, run.vec and reads the scalars of both sides.
func measured(t *testing.T, r Result) *lab.Results {
	t.Helper()
	r.Okay(t)
	t.Logf("measured in %v %s", r.Elapsed.Round(100*time.Millisecond), excerpt(r.Output))
	return lab.ReadResults(t, r.Save(t), "run.sca", "run.vec")
}

// plausible looks at a flow in one direction, from one side's scalars to the other's: at least so many messages have
// gone, and of those not more have come, but some.
func plausible(t *testing.T, from, to *lab.Scalars, flow uint32, least uint64) {
	t.Helper()
	sent := from.Counts(t, lab.FlowObject(flow), "Transmitted")
	received := to.Counts(t, lab.FlowObject(flow), "Received")
	if sent.Packets < least || received.Packets > sent.Packets || received.Bytes > sent.Bytes || received.Packets < least/2 {
		t.Errorf("flow %d from the %s side: sent %+v, received %+v", flow, from.Side, sent, received)
	}
}

// testReferenceSCTP: the reference aborts and hangs if one stream still sends while another one of its association is
// shut down, so all are off before the end.
func testReferenceSCTP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 3 * time.Minute, Script: `CAPTURE=sctp
		measure 5 30 reference reference -runtime=3 -config=run.config -sctp \
			const10:const1000:const5:const500:onoff=0,2:description=Alpha \
			const20:const300:const0:const0:onoff=0,2 \
			const0:const0:const4:const200:onoff=0,2:unordered=1`})
	s := measured(t, r)
	// Half of what was asked for at most: on a busy machine the reference sends less.
	plausible(t, s.Active, s.Passive, 0, 5)
	plausible(t, s.Passive, s.Active, 0, 3)
	plausible(t, s.Active, s.Passive, 1, 5)
	plausible(t, s.Passive, s.Active, 2, 2)

	capture := filepath.Join(s.Dir, "run.pcap")
	lab.NothingMalformed(t, capture)
	base := strings.TrimSpace(string(r.File(t, "port")))
	// IDENTIFY_FLOW (4) is control on the stream that it is about, DATA (5) is data.
	want := []string{"stream 0 PPID 36 type 4", "stream 0 PPID 37 type 5", "stream 1 PPID 36 type 4", "stream 1 PPID 37 type 5",
		"stream 2 PPID 36 type 4", "stream 2 PPID 37 type 5"}
	if got := messages(t, capture, "sctp.port == "+base); !slices.Equal(got, want) {
		t.Errorf("data channel: %q, not %q", got, want)
	}
	for _, message := range messages(t, capture, "sctp.port == "+base+"+1") {
		if !strings.HasPrefix(message, "stream 0 PPID 36 ") {
			t.Errorf("control channel: %s", message)
		}
	}
}

// messages are the different streams, PPIDs and message types in the packets that the filter selects.
func messages(t *testing.T, capture, filter string) []string {
	t.Helper()
	var kinds []string
	fields := []string{"sctp.data_sid", "sctp.data_payload_proto_id", "netperfmeter.message_type"}
	for _, line := range lab.Tshark(t, capture, filter+" && netperfmeter", fields) {
		var columns [3][]string // with an element for each DATA chunk
		for i, column := range strings.Split(line, "\t") {
			columns[i] = strings.Split(column, ",")
		}
		if len(columns[2]) < len(columns[0]) {
			continue // with a piece of a longer message, which has no type of its own
		}
		for i := range columns[0] {
			var number [3]uint64
			for j := range number {
				if i >= len(columns[j]) {
					t.Fatalf("%s: %q", capture, line)
				}
				var err error
				if number[j], err = strconv.ParseUint(columns[j][i], 0, 32); err != nil {
					t.Fatalf("%s: %q: %v", capture, line, err)
				}
			}
			kinds = append(kinds, fmt.Sprintf("stream %d PPID %d type %d", number[0], number[1], number[2]))
		}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

func testReferenceTCPUDP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 3 * time.Minute, Script: `measure 5 30 reference reference -runtime=3 -config=run.config \
		-tcp const10:const300:const5:const100 -udp const10:const300:const5:const100`})
	s := measured(t, r)
	for flow := range uint32(2) {
		plausible(t, s.Active, s.Passive, flow, 10)
		plausible(t, s.Passive, s.Active, flow, 5)
	}
}

func testReferenceDCCP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 3 * time.Minute, Script: `CAPTURE='ip proto 33'
		measure 8 15 reference reference -runtime=2 -dccp const10:const300:const5:const100`})
	s := measured(t, r)
	plausible(t, s.Active, s.Passive, 0, 5)
	plausible(t, s.Passive, s.Active, 0, 3)
	capture := filepath.Join(s.Dir, "run.pcap")
	lab.NothingMalformed(t, capture)
	if lines := lab.Tshark(t, capture, "dccp && netperfmeter", nil); len(lines) < 8 {
		t.Errorf("%d messages over DCCP: %q", len(lines), lines)
	}
}
