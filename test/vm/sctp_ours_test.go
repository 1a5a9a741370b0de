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
		measure 1 60 ours ours -runtime=6 -config=run.config -sctp \
			const20:const1000:const10:const500:description=Alpha \
			const10:uniform500,25000:const10:uniform500,25000:nodelay=on \
			const30:const300:const30:const300:unordered=0.5 \
			const20:const300:const20:const300:unreliable=1:rtx_trials=3 \
			const20:const300:const0:const0:unreliable=0.5:unordered=0.5:rtx_timeout=10000 \
			-sctp const20:const1400:const20:const1400 \
			-tcp const10:const1000:const5:const500 -mptcp const10:const1000:const5:const500 -udp const10:const300:const5:const100 -dccp const10:const300:const5:const100`})
	s := measured(t, r)
	flows := []flowStream{{0, 0, true}, {1, 1, true}, {2, 2, true}, {3, 3, true}, {4, 4, false}, {5, 0, true}, {6, 0, true}, {7, 0, true}, {8, 0, true}}
	for _, f := range flows {
		plausible(t, s.Active, s.Passive, f.flow, 1)
		sameOut(t, s, f)
		complete(t, s, f)
	}
	for _, d := range []struct{ from, to *lab.Scalars }{{s.Active, s.Passive}, {s.Passive, s.Active}} {
		sent, received := d.from.Counts(t, lab.FlowObject(9), "Transmitted"), d.to.Counts(t, lab.FlowObject(9), "Received")
		if lost := d.to.Counts(t, lab.FlowObject(9), "Lost"); received.Packets == 0 || received.Packets+lost.Packets != sent.Packets {
			t.Errorf("DCCP from the %s side: sent %+v, received %+v, lost %+v", d.from.Side, sent, received, lost)
		}
	}
	for _, side := range []*lab.Scalars{s.Active, s.Passive} {
		sent := side.Counts(t, lab.FlowObject(2), "Transmitted").Packets
		unordered := side.Uint(t, lab.FlowObject(2), "Transmitted Unordered Packets")
		if unordered < sent/4 || unordered > sent*3/4 {
			t.Errorf("the %s side sent %d of %d messages unordered, half of them are expected", side.Side, unordered, sent)
		}
		if streams := side.Uint(t, lab.FlowObject(4), "SCTP Outgoing Streams"); streams != 65535 {
			t.Errorf("the %s side has %d streams", side.Side, streams)
		}
	}
	dissected(t, s.Dir, strings.TrimSpace(string(r.File(t, "port"))), 5)
}

// dissected looks at run.pcap: an association of so many streams, and others of one; control beside them.
func dissected(t *testing.T, dir, base string, streams int) {
	t.Helper()
	capture := filepath.Join(dir, "run.pcap")
	lab.NothingMalformed(t, capture)
	// IDENTIFY_FLOW (4) is control on the stream that it is about, DATA (5) is data.
	var want []string
	for stream := range streams {
		want = append(want, fmt.Sprintf("stream %d PPID 36 type 4", stream), fmt.Sprintf("stream %d PPID 37 type 5", stream))
	}
	if got := messages(t, capture, "sctp.port == "+base); !slices.Equal(got, want) {
		t.Errorf("data channel: %q, not %q", got, want)
	}
	control := messages(t, capture, "sctp.port == "+base+"+1")
	for _, message := range control {
		if !strings.HasPrefix(message, "stream 0 PPID 36 ") {
			t.Errorf("control channel: %s", message)
		}
	}
	if len(control) < 5 {
		t.Errorf("control channel: %q", control)
	}
	// What the active side asks for and accepts: of a control channel the system's default.
	for filter, want := range map[string]string{base: "0xffff 0xffff", base + "+1": "0x000a 0xffff"} {
		fields := []string{"sctp.init_nr_out_streams", "sctp.init_nr_in_streams"}
		for _, line := range lab.Tshark(t, capture, "sctp.chunk_type == 1 && sctp.dstport == "+filter, fields) {
			if got := strings.Join(strings.Fields(line), " "); got != want && got != decimal(want) {
				t.Errorf("INIT to port %s: streams %s, not %s", filter, got, want)
			}
		}
	}
}

// decimal writes hexadecimal numbers as some versions of tshark do.
func decimal(numbers string) string {
	var out []string
	for _, text := range strings.Fields(numbers) {
		n, err := strconv.ParseUint(text, 0, 16)
		if err != nil {
			return err.Error()
		}
		out = append(out, strconv.FormatUint(n, 10))
	}
	return strings.Join(out, " ")
}

// testSCTPSaturated fills both directions of an association of five streams: nothing is lost, and no stream starves.
func testSCTPSaturated(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `ip link set lo mtu 1500
		measure 1 60 ours ours -runtime=4 -sctp ` + strings.Repeat("const0:const1400:const0:const1400 ", 5)})
	s := measured(t, r)
	for stream := range uint32(5) {
		for _, d := range []struct{ from, to *lab.Scalars }{{s.Active, s.Passive}, {s.Passive, s.Active}} {
			sent := d.from.Counts(t, lab.FlowObject(stream), "Transmitted")
			received := d.to.Counts(t, lab.FlowObject(stream), "Received")
			if sent != received {
				t.Errorf("stream %d: the %s side sent %+v, the other received %+v", stream, d.from.Side, sent, received)
			}
			// Before a stream's turn comes again each of the others sends a batch, of a hundred messages at most.
			all := d.from.Counts(t, "total", "Transmitted").Packets
			if all > 5000 && sent.Packets < all/50 {
				t.Errorf("stream %d sent %d of the %d messages of the %s side", stream, sent.Packets, all, d.from.Side)
			}
			v := s.Stream(t, d.to.Side, stream, uint16(stream))
			v.Consistent(t)
			if v.Lines != received.Packets {
				t.Errorf("stream %d: received %+v, the vector has %d lines", stream, received, v.Lines)
			}
		}
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
