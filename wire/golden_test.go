package wire_test

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"testing"

	"netperfmeter/wire"
)

// source is a capture and the golden file made from it.
type source struct {
	golden   string
	capture  string // folder with wire.pcap and run.config, where there is one
	basePort int
}

var sources = []source{
	{"testdata/reference-2.0.10.hex", "../../shared/reference/tcp-udp-mptcp", 9510},
	{"testdata/reference-1.9.4.hex", "../../shared/reference/sctp-dccp", 9000},
}

// A line of a golden file: packet number, protocol, channel, sender, length of
// the message, its bytes as far as they were captured.
const (
	goldenFormat = "%d %s %s %s %d %x\n"
	controlName  = "control"
	passiveName  = "passive"
)

func readGolden(t testing.TB, file string) []captured {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var messages []captured
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var m captured
		var protocol, channel, sender, digits string
		if _, err := fmt.Sscan(lines.Text(), &m.packet, &protocol, &channel, &sender, &m.length, &digits); err != nil {
			t.Fatalf("%s: %q: %v", file, lines.Text(), err)
		}
		for _, p := range protocols {
			if p.String() == protocol {
				m.protocol = p
			}
		}
		m.control = channel == controlName
		m.fromPassive = sender == passiveName
		if m.bytes, err = hex.DecodeString(digits); err != nil {
			t.Fatal(err)
		}
		messages = append(messages, m)
	}
	return messages
}

var protocols = []wire.Protocol{wire.TCP, wire.UDP, wire.DCCP, wire.SCTP, wire.QUIC, wire.MPTCP}

// goldens returns the messages of all golden files.
func goldens(t testing.TB) []captured {
	t.Helper()
	var all []captured
	for _, s := range sources {
		all = append(all, readGolden(t, s.golden)...)
	}
	return all
}

// wholes returns the bytes of all golden messages of a type that were captured
// as a whole, and DATA messages made whole with the payload that they had.
func wholes(t testing.TB, kind wire.Type) [][]byte {
	t.Helper()
	var all [][]byte
	for _, m := range goldens(t) {
		if wire.Type(m.bytes[0]) != kind {
			continue
		}
		switch {
		case m.whole():
			all = append(all, m.bytes)
		case kind == wire.TypeData:
			all = append(all, completeData(m))
		}
	}
	if len(all) == 0 {
		t.Fatalf("no golden %s", kind)
	}
	return all
}

// completeData adds the payload that a capture has cut off.
func completeData(m captured) []byte {
	b := make([]byte, m.length)
	wire.FillPayload(b[wire.DataHeaderSize:], m.fromPassive)
	copy(b, m.bytes)
	return b
}
