//go:build linux

package endtoend

import (
	"math"
	"path/filepath"
	"testing"

	"netperfmeter/test/lab"
)

// expected is what is known of a flow before it is measured.
type expected struct {
	id                 uint32
	stream             bool // TCP or MPTCP: nothing may be lost
	outgoing, incoming way
}

// way is one direction of a flow.
type way struct {
	idle bool
	// frame is what a frame of a constant size travels as; the zero value
	// where the size varies.
	frame lab.Counts
}

// agree holds all files of a measurement between two programs of ours against
// each other and against what is expected.
func agree(t *testing.T, r *lab.Results, flows []expected) {
	t.Helper()
	if got := r.Active.Flows(); len(got) != len(flows) || len(r.Passive.Flows()) != len(flows) {
		t.Fatalf("flows %v and %v instead of %d of them", got, r.Passive.Flows(), len(flows))
	}
	for _, f := range flows {
		compareWay(t, r, f, "outgoing", f.outgoing, r.Active, r.Passive)
		compareWay(t, r, f, "incoming", f.incoming, r.Passive, r.Active)
	}
	for _, s := range []*lab.Scalars{r.Active, r.Passive} {
		checkTotals(t, s, flows)
		if r.VectorPattern != "" {
			checkGlobal(t, r, s)
		}
	}
}

// compareWay compares what was sent with what was received and lost, and that
// with the vector.
func compareWay(t *testing.T, r *lab.Results, f expected, name string, w way, from, to *lab.Scalars) {
	t.Helper()
	object := lab.FlowObject(f.id)
	sent := from.Counts(t, object, "Transmitted")
	received := to.Counts(t, object, "Received")
	lost := to.Counts(t, object, "Lost")
	sum := lab.Counts{Bytes: received.Bytes + lost.Bytes, Packets: received.Packets + lost.Packets, Frames: received.Frames + lost.Frames}
	if sum != sent {
		t.Errorf("flow %d, %s: sent %+v, but received %+v and lost %+v", f.id, name, sent, received, lost)
	}
	none := lab.Counts{}
	if f.stream && (lost != none || to.Counts(t, object, "Late") != none) {
		t.Errorf("flow %d, %s: lost %+v of a byte stream, late %+v", f.id, name, lost, to.Counts(t, object, "Late"))
	}
	if d := to.Counts(t, object, "Duplicate"); d != none {
		t.Errorf("flow %d, %s: duplicates %+v", f.id, name, d)
	}
	if w.idle && sent != none {
		t.Errorf("flow %d, %s: sent %+v, though it is idle", f.id, name, sent)
	}
	w.checkSize(t, f.id, name, sent)
	if r.VectorPattern != "" {
		checkVector(t, r, f, to, received)
	}
}

// checkSize: frames of a constant size are all alike, but for one that the end
// of the measurement has cut short.
func (w way) checkSize(t *testing.T, id uint32, name string, sent lab.Counts) {
	t.Helper()
	if w.frame.Packets == 0 {
		return
	}
	packets, bytes := sent.Frames*w.frame.Packets, sent.Frames*w.frame.Bytes
	if sent.Packets < packets || sent.Packets >= packets+w.frame.Packets ||
		sent.Bytes < bytes || sent.Bytes >= bytes+w.frame.Bytes {
		t.Errorf("flow %d, %s: sent %+v in frames of %+v", id, name, sent, w.frame)
	}
}

// checkVector: one line for every message received, in the order of a byte
// stream, and sums that are the scalars.
func checkVector(t *testing.T, r *lab.Results, f expected, to *lab.Scalars, received lab.Counts) {
	t.Helper()
	path := filepath.Join(r.Dir, lab.FlowFile(r.VectorPattern, to.Side, f.id, 0))
	first := float64(to.Uint(t, "total", "First Statistics Event"))
	var sum lab.Counts
	wrong := 0
	complain := func(format string, args ...any) {
		if wrong++; wrong <= 5 {
			t.Errorf("%s, line %d: "+format, append([]any{path, sum.Packets + 1}, args...)...)
		}
	}
	lab.EachFlowRow(t, path, func(row lab.FlowRow) {
		if f.stream && row.Seq != sum.Packets {
			complain("sequence number %d", row.Seq)
		}
		sum.Bytes += row.Rel.Bytes
		sum.Packets += row.Rel.Packets
		sum.Frames += row.Rel.Frames
		if row.Rel.Packets != 1 || row.Abs != sum {
			complain("totals %+v and changes %+v, after %+v", row.Abs, row.Rel, sum)
		}
		if since := (float64(row.AbsTime) - first) / 1e6; math.Abs(row.RelTime-since) > 2e-6 {
			complain("RelTime %f, %f after the first event", row.RelTime, since)
		}
	})
	if sum != received {
		t.Errorf("%s: %+v in all, the scalars say %+v", path, sum, received)
	}
}

// checkTotals: the object "total" is the sum of the flows.
func checkTotals(t *testing.T, s *lab.Scalars, flows []expected) {
	t.Helper()
	for _, what := range []string{"Transmitted", "Received", "Lost"} {
		var sum lab.Counts
		for _, f := range flows {
			sum = plus(sum, s.Counts(t, lab.FlowObject(f.id), what))
		}
		if total := s.Counts(t, "total", what); total != sum {
			t.Errorf("%s: total of %s is %+v, the flows give %+v", s.Path, what, total, sum)
		}
	}
}

func plus(a, b lab.Counts) lab.Counts {
	return lab.Counts{Bytes: a.Bytes + b.Bytes, Packets: a.Packets + b.Packets, Frames: a.Frames + b.Frames}
}

func minus(a, b lab.Counts) lab.Counts {
	return lab.Counts{Bytes: a.Bytes - b.Bytes, Packets: a.Packets - b.Packets, Frames: a.Frames - b.Frames}
}

// actions are the lines that each flow has in a set, in their order.
var actions = map[string]string{"Sent": "Transmitted", "Received": "Received", "Lost": "Lost"}

// checkGlobal: sets of three lines for each flow and the total, whose changes
// are those since the set before; the last set says what the scalars say.
func checkGlobal(t *testing.T, r *lab.Results, s *lab.Scalars) {
	t.Helper()
	rows := r.Global(t, s.Side)
	ids := s.Flows()
	set := 3 * (len(ids) + 1)
	if len(rows) < 2*set || len(rows)%set != 0 {
		t.Fatalf("%s: global vector has %d rows, in sets of %d", s.Side, len(rows), set)
	}
	before := make([]lab.Counts, set)
	for i, row := range rows {
		at := i % set
		id, order := int64(-1), [...]string{"Sent", "Received", "Lost"}[at%3]
		if at/3 < len(ids) {
			id = int64(ids[at/3])
		}
		if row.Flow != id || row.Action != order {
			t.Fatalf("%s: row %d of the global vector is %s of flow %d instead of %s of %d", s.Side, i+1, row.Action, row.Flow, order, id)
		}
		if row.Rel != minus(row.Abs, before[at]) {
			t.Errorf("%s: row %d of the global vector: %+v after %+v, change %+v", s.Side, i+1, row.Abs, before[at], row.Rel)
		}
		if i < set && (row.RelTime != 0 || row.Interval != 0) {
			t.Errorf("%s: the first set has RelTime %f and Interval %f", s.Side, row.RelTime, row.Interval)
		}
		before[at] = row.Abs
	}
	for _, row := range rows[len(rows)-set:] {
		object := "total"
		if row.Flow >= 0 {
			object = lab.FlowObject(uint32(row.Flow))
		}
		if counts := s.Counts(t, object, actions[row.Action]); counts != row.Abs {
			t.Errorf("%s: the last set of the global vector has %s %s %+v, the scalars %+v", s.Side, object, row.Action, row.Abs, counts)
		}
		if row.AbsTime != s.Uint(t, "total", "Last Statistics Event") {
			t.Errorf("%s: the last set of the global vector is of %d, not of the last event", s.Side, row.AbsTime)
		}
	}
}
