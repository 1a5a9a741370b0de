package wire_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"netperfmeter/wire"
)

// update writes the golden files anew, from the captures.
var update = flag.Bool("update", false, "write testdata/*.hex from the captures")

func TestUpdateGolden(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	for _, s := range sources {
		messages, err := readCapture(filepath.Join(s.capture, "wire.pcap"), s.basePort)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortStableFunc(messages, func(a, b captured) int { return cmp.Compare(a.packet, b.packet) })
		var out bytes.Buffer
		seen := map[string]int{}
		for _, m := range messages {
			if !worthKeeping(m, seen) {
				continue
			}
			channel, sender := "data", "active"
			if m.control {
				channel = controlName
			}
			if m.fromPassive {
				sender = passiveName
			}
			fmt.Fprintf(&out, goldenFormat, m.packet, m.protocol, channel, sender, m.length, m.bytes)
		}
		if err := os.WriteFile(s.golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// worthKeeping picks all messages but most of RESULTS, which are files, and
// all but the first two DATA of each flow and direction.
func worthKeeping(m captured, seen map[string]int) bool {
	switch wire.Type(m.bytes[0]) {
	case wire.TypeResults:
		return m.whole()
	case wire.TypeData:
		flow := fmt.Sprintf("%x %v", m.bytes[4:18], m.fromPassive)
		seen[flow]++
		return seen[flow] <= 2
	}
	return true
}
