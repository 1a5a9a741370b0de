//go:build linux

package interop

import (
	"testing"

	"netperfmeter/test/lab"
)

// flow is a flow of a case, in the words that both programs take.
type flow struct {
	transport, spec   string
	saturated, silent [2]bool // out, in
}

func (f flow) stream() bool { return f.transport != "udp" }

// cases are measurements that 1.9.4 and ours understand alike; uniform is
// written in both meanings.
var cases = []struct {
	name   string
	args   []string
	flows  []flow
	scalar string
	vector string
}{
	{name: "tcp paced", scalar: "r.sca", vector: "r.vec", flows: []flow{
		{transport: "tcp", spec: "const50:const1000:const50:const700"}}},
	{name: "udp paced", scalar: "r.sca", vector: "r.vec", flows: []flow{
		{transport: "udp", spec: "const50:const1000:const50:const700"}}},
	{name: "tcp out", scalar: "r.sca.bz2", vector: "r.vec.bz2", flows: []flow{
		{transport: "tcp", spec: "const50:const1000:const0:const0", silent: [2]bool{false, true}}}},
	{name: "tcp in", scalar: "r.sca", vector: "r.vec", flows: []flow{
		{transport: "tcp", spec: "const0:const0:const50:const700", silent: [2]bool{true, false}}}},
	{name: "udp in", scalar: "r.sca", vector: "r.vec.bz2", flows: []flow{
		{transport: "udp", spec: "const0:const0:const50:const700", silent: [2]bool{true, false}}}},
	{name: "tcp saturated", scalar: "r.sca", vector: "r.vec", flows: []flow{
		{transport: "tcp", spec: "const0:const1460:const0:const0", saturated: [2]bool{true, false}, silent: [2]bool{false, true}}}},
	{name: "tcp saturated both ways", scalar: "r.sca.bz2", flows: []flow{
		{transport: "tcp", spec: "const0:const1460:const0:const1000", saturated: [2]bool{true, true}}}},
	{name: "tcp saturated against paced", scalar: "r.sca", flows: []flow{
		{transport: "tcp", spec: "const50:const200:const0:const5000", saturated: [2]bool{false, true}}}},
	{name: "udp flood", scalar: "r.sca", flows: []flow{
		{transport: "udp", spec: "const0:const1000:const0:const0", saturated: [2]bool{true, false}, silent: [2]bool{false, true}}}},
	{name: "udp flood both ways", scalar: "r.sca", flows: []flow{
		{transport: "udp", spec: "const0:const1000:const0:const1000", saturated: [2]bool{true, true}}}},
	{name: "several flows, compressed", scalar: "r.sca.bz2", vector: "r.vec.bz2", flows: []flow{
		{transport: "tcp", spec: "const50:const1000:const50:const700:description=One"},
		{transport: "udp", spec: "const30:const500:const20:const100:description=Two"},
		{transport: "tcp", spec: "exp100:exp500:exp50:exp300:maxmsgsize=1000:nodelay=on"},
		{transport: "udp", spec: "pareto20,2:const300:const20:pareto100,3"}}},
	{name: "on and off", scalar: "r.sca", vector: "r.vec", flows: []flow{
		{transport: "tcp", spec: "const100:const1000:const100:const700:onoff=+0.1,+0.2,repeat"},
		{transport: "udp", spec: "const100:const300:const100:const300:onoff=+0.3,+0.2,+0.1"},
		{transport: "udp", spec: "const100:const300:const100:const300:onoff=+exp0.1,+exp0.1,repeat"}}},
	{name: "frames of many messages", scalar: "r.sca", vector: "r.vec", flows: []flow{
		{transport: "tcp", spec: "const20:const3300:const20:const1000:maxmsgsize=128"},
		{transport: "udp", spec: "const20:const3300:const20:const1000:maxmsgsize=500"}}},
	{name: "scalars only", scalar: "r.sca", flows: []flow{{transport: "tcp", spec: "const50:const1000:const50:const700"}}},
	{name: "vectors only", vector: "r.vec", flows: []flow{{transport: "udp", spec: "const50:const1000:const50:const700"}}},
	{name: "no files", flows: []flow{{transport: "tcp", spec: "const50:const1000:const50:const700"}}},
}

// arguments are those of a case for either program.
func arguments(scalar, vector string, flows []flow) []string {
	args := []string{"-runtime=1"}
	if scalar != "" {
		args = append(args, "-scalar="+scalar)
	}
	if vector != "" {
		args = append(args, "-vector="+vector)
	}
	for _, f := range flows {
		args = append(args, "-"+f.transport, f.spec)
	}
	return args
}

// ourVectors checks that the files of our side are complete: a line for every
// message, and sums that are the scalars.
func ourVectors(t *testing.T, r *lab.Results, side string, flows []flow) {
	t.Helper()
	if r.VectorPattern == "" {
		return
	}
	rows := r.Global(t, side)
	if set := 3 * (len(flows) + 1); len(rows) == 0 || len(rows)%set != 0 {
		t.Errorf("%s: global vector of %d rows for %d flows", side, len(rows), len(flows))
	}
	for i, f := range flows {
		v := r.Flow(t, side, uint32(i))
		v.Consistent(t)
		if f.stream() && v.Lines > 0 && (v.Reordered > 0 || v.MaxSeq+1 != v.Lines) {
			t.Errorf("%s: %d lines up to sequence number %d, %d reordered", v.Path, v.Lines, v.MaxSeq, v.Reordered)
		}
		if r.ScalarPattern == "" {
			continue
		}
		own := r.Active
		if side == "passive" {
			own = r.Passive
		}
		received := own.Counts(t, lab.FlowObject(uint32(i)), "Received")
		if got := (lab.Counts{Bytes: v.Bytes, Packets: v.Lines, Frames: v.Frames}); got != received {
			t.Errorf("%s: %+v, the scalars say %+v", v.Path, got, received)
		}
	}
}

// theirVectors checks that the files of the reference's side are there and
// whole; what they say is its own business.
func theirVectors(t *testing.T, r *lab.Results, side string, flows []flow) {
	t.Helper()
	if r.VectorPattern == "" {
		return
	}
	r.Global(t, side)
	for i := range flows {
		r.Flow(t, side, uint32(i))
	}
}

// theySent compares what the reference says that it sent with what ours counts,
// to the byte and message. It counts a last message as sent that its stream
// does not have as a whole.
func theySent(t *testing.T, id int, f flow, way int, from, to *lab.Scalars) {
	t.Helper()
	object := lab.FlowObject(uint32(id))
	sent, received, lost := from.Counts(t, object, "Transmitted"), to.Counts(t, object, "Received"), to.Counts(t, object, "Lost")
	t.Logf("flow %d: it sent %+v, ours received %+v and lost %+v", id, sent, received, lost)
	if f.silent[way] {
		if received != (lab.Counts{}) {
			t.Errorf("flow %d: received %+v on a silent flow", id, received)
		}
		return
	}
	if received.Packets == 0 || received.Frames == 0 {
		t.Errorf("flow %d: nothing received", id)
	}
	// A message that the reference cut short at its end it counts as sent; ours
	// does not, and says how much of it came.
	cut := to.Uint(t, object, "Cut Bytes")
	bytes, packets := sent.Bytes-received.Bytes-lost.Bytes, sent.Packets-received.Packets-lost.Packets
	switch {
	case bytes == 0 && packets == 0:
	case f.stream() && f.saturated[way] && cut > 0 && bytes == cut && packets == 1:
	case !f.stream() && f.saturated[way] && bytes < 1<<40 && packets < 1<<40:
		// Lost at the very end: no later message tells of it.
	default:
		t.Errorf("flow %d: it sent %+v, ours received %+v and lost %+v", id, sent, received, lost)
	}
	if f.stream() && lost != (lab.Counts{}) {
		t.Errorf("flow %d: lost %+v of a byte stream", id, lost)
	}
}

// weSent compares what ours sent with what the reference counts, which is never
// more. It can be much less: the reference's active side stops counting up to a
// second before it says STOP.
func weSent(t *testing.T, id int, f flow, way int, from, to *lab.Scalars) {
	t.Helper()
	object := lab.FlowObject(uint32(id))
	sent, received := from.Counts(t, object, "Transmitted"), to.Counts(t, object, "Received")
	t.Logf("flow %d: ours sent %+v, it received %+v", id, sent, received)
	if f.silent[way] {
		if sent != (lab.Counts{}) {
			t.Errorf("flow %d: sent %+v on a silent flow", id, sent)
		}
		return
	}
	if sent.Packets == 0 || received.Packets == 0 || received.Packets > sent.Packets || received.Bytes > sent.Bytes {
		t.Errorf("flow %d: ours sent %+v, it received %+v", id, sent, received)
	}
	if !f.saturated[way] && received.Packets < sent.Packets/4 {
		t.Errorf("flow %d: ours sent %+v, it received %+v", id, sent, received)
	}
}
