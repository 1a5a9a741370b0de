//go:build linux

package interop

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"netperfmeter/test/lab"
	"netperfmeter/test/peer20"
)

// Two measurement IDs: the first is the example of a marked one in the
// description of the extension, the other is any other.
const (
	marked       = 0x123456789abca5bf
	confirmation = 0x5191
	unmarked     = 0x123456789abca5be
)

// heard is a control message as a reference would look at it: without the
// random measurement ID, and without the padding of an ACKNOWLEDGE. Of a
// result file the order of pieces counts, not its content.
func heard(m peer20.ControlMessage) string {
	b := bytes.Clone(m.Raw)
	if len(b) >= 16 && b[0] != 8 {
		clear(b[8:16])
	}
	switch b[0] {
	case 1:
		clear(b[18:20])
	case 8:
		return fmt.Sprintf("%v RESULTS", m.Sent)
	}
	return fmt.Sprintf("%v % x", m.Sent, b)
}

// conversation is all of it; pieces of one file count once.
func conversation(r *peer20.Record) []string {
	var all []string
	for _, m := range r.Control {
		if h := heard(m); len(all) == 0 || m.Raw[0] != 8 || all[len(all)-1] != h {
			all = append(all, h)
		}
	}
	return all
}

func sameConversation(t *testing.T, what string, a, b *peer20.Record) {
	t.Helper()
	x, y := conversation(a), conversation(b)
	if len(x) != len(y) || len(x) < 10 {
		t.Fatalf("%s: %d messages and %d", what, len(x), len(y))
	}
	for i := range x {
		if x[i] != y[i] {
			t.Errorf("%s: message %d is\n%s and\n%s", what, i, x[i], y[i])
		}
	}
}

// paddings are the paddings of all ACKNOWLEDGEs.
func paddings(r *peer20.Record) map[uint16]int {
	seen := map[uint16]int{}
	for _, m := range r.Control {
		if m.Raw[0] == 1 {
			seen[binary.BigEndian.Uint16(m.Raw[18:])]++
		}
	}
	return seen
}

var recognitionFlows = []peer20.Flow{
	{Protocol: peer20.TCP, OutRate: peer20.Constant(50), OutSize: peer20.Constant(330), InRate: peer20.Constant(40), InSize: peer20.Constant(900)},
	{Protocol: peer20.UDP, ID: 1, OutRate: peer20.Constant(50), OutSize: peer20.Constant(330), InRate: peer20.Constant(40), InSize: peer20.Constant(900),
		Events: []peer20.Event{{Distribution: peer20.Constant(0.1)}}},
	{Protocol: peer20.MPTCP, ID: 2, OutRate: peer20.Constant(50), OutSize: peer20.Constant(330), NoDelay: true},
}

var recognitionArgs = []string{"-runtime=0.5", "-scalar=r.sca", "-vector=r.vec",
	"-tcp", "const50:const330:const40:const900", "-udp", "const50:const330:const40:const900:onoff=0.1", "-mptcp", "const50:const330:const0:const0:nodelay=on"}

// TestPassiveSideHidesItself: to an active side that happens to use a marked
// ID, ours answers what it answers to any other, but for the padding.
func TestPassiveSideHidesItself(t *testing.T) {
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	config := peer20.ActiveConfig{Ports: peer20.BasePorts(9000), Flows: recognitionFlows, Runtime: 500 * time.Millisecond}
	config.Measurement = marked
	a := runScripted(t, n, config)
	config.Measurement = unmarked
	b := runScripted(t, n, config)
	sameConversation(t, "marked and unmarked", a, b)
	if got := paddings(a); len(got) != 1 || got[confirmation] == 0 {
		t.Errorf("paddings for a marked ID: %x", got)
	}
	if got := paddings(b); len(got) != 1 || got[0] == 0 {
		t.Errorf("paddings for an unmarked ID: %x", got)
	}
}

// TestActiveSideHidesItself: a reference hears from ours, byte for byte, what
// it hears from another reference that measures the same.
func TestActiveSideHidesItself(t *testing.T) {
	n := lab.Loopback(t)
	ours, r, err := servedBy(t, n, peer20.PassiveConfig{Base: 9000}, lab.Ours(t, append([]string{"127.0.0.1"}, recognitionArgs...)...).In(t.TempDir()))
	if err != nil || r.Code != 0 {
		t.Fatalf("%v\n%v", err, r)
	}
	var server *peer20.Passive
	if err := n.Do(func() (err error) { server, err = peer20.NewPassive(peer20.PassiveConfig{Base: 9200}); return err }); err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	served := make(chan *peer20.Record, 1)
	go func() {
		record, err := server.Serve(t.Context())
		if err != nil {
			t.Errorf("scripted passive side: %v", err)
		}
		served <- record
	}()
	runScripted(t, n, peer20.ActiveConfig{Ports: peer20.BasePorts(9200), Flows: recognitionFlows, Runtime: 500 * time.Millisecond})
	sameConversation(t, "ours and the scripted one", ours, <-served)
}
