//go:build linux

package interop

import (
	"testing"

	"netperfmeter/test/lab"
)

var documentArgs = []string{"-T", "2.5", "--peer-version", "1.9", "-S", "r.sca", "--json", "r.json", "--csv", "r.csv",
	"-tcp", "const100:const330:const50:const200", "-udp", "const50:const100:const0:const0"}

// TestDocumentOfTheReference: against the reference the document has what is
// known, and nothing else is asked of that side than its own active side would.
func TestDocumentOfTheReference(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartReferencePassive(t, 9000)
	for name, vectors := range map[string]bool{"without vectors": false, "with vectors": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			args := append([]string{"127.0.0.1"}, documentArgs...)
			if vectors {
				args = append(args, "-V", "r.vec.bz2")
			}
			r := n.Run(t, lab.Ours(t, args...).In(dir))
			if r.Code != 0 {
				t.Fatal(r)
			}
			d, s := lab.ReadDocument(t, dir+"/r.json"), lab.ReadResults(t, dir, "r.sca", "")
			if peer := d.Measurement.Peer; peer == nil || *peer != "other program" {
				t.Errorf("peer %v", peer)
			}
			for _, f := range d.Flows {
				received := s.Passive.Counts(t, lab.FlowObject(f.Flow), "Received")
				if got, known := f.Outgoing.Receiver.Number(t, "bytes"); !known || got != float64(received.Bytes) {
					t.Errorf("flow %d: received %v, the scalars have %+v", f.Flow, got, received)
				}
				if _, known := f.Outgoing.Receiver.Number(t, "lost_packets"); known {
					t.Errorf("flow %d: a reference does not say what was lost", f.Flow)
				}
				sumsOfReference(t, d, f, vectors)
			}
		})
	}
}

// sumsOfReference: what this side counts adds up; what the reference counts is
// there as far as its vector says so.
func sumsOfReference(t *testing.T, d *lab.Document, f lab.DocumentFlow, vectors bool) {
	t.Helper()
	sent, received, theirs := 0.0, 0.0, 0
	for _, row := range d.Intervals {
		switch {
		case row.Flow != f.Flow:
		case row.Direction == "outgoing":
			sent += *row.SentPackets
			if row.ReceivedPackets != nil {
				theirs++
			}
			if row.LostPackets != nil {
				t.Errorf("interval %d: a loss that the reference has counted: %v", row.Interval, *row.LostPackets)
			}
		default:
			received += *row.ReceivedPackets
		}
	}
	if want, _ := f.Outgoing.Sender.Number(t, "packets"); sent != want || sent == 0 {
		t.Errorf("flow %d: %v sent in all intervals, %v in all", f.Flow, sent, want)
	}
	if want, _ := f.Incoming.Receiver.Number(t, "packets"); received != want {
		t.Errorf("flow %d: %v received in all intervals, %v in all", f.Flow, received, want)
	}
	if vectors != (theirs > 0) {
		t.Errorf("flow %d: the reference's figures are there for %d intervals", f.Flow, theirs)
	}
}
