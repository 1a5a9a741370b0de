package active

import (
	"math"
	"strings"
	"testing"
	"time"

	"netperfmeter/flow"
	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// fill adds events at the given seconds: the flow has sent a byte for each
// millisecond, and received ten.
func fill(t *timeline, at ...float64) {
	for _, s := range at {
		n := uint64(math.Max(s*1000, 0))
		t.add(stats.GlobalEvent{Time: int64(s * 1e6), RelTime: time.Duration(s * 1e9), Flows: []stats.FlowCounters{
			{Sent: stats.Counts{Bytes: n, Packets: 1}, Received: stats.Counts{Bytes: 10 * n}},
		}}, true)
	}
	t.finish()
}

// peerOf is the peer's timeline that has the given events, through its file.
func peerOf(t *testing.T, own *timeline, final bool, at ...float64) *peerTimeline {
	t.Helper()
	var text strings.Builder
	v := stats.NewGlobalVector(&text)
	for _, s := range at {
		n := uint64(math.Max(s*1000, 0))
		v.Write(stats.GlobalEvent{Time: int64(s * 1e6), RelTime: time.Duration(s * 1e9), Flows: []stats.FlowCounters{
			{ID: 5, Sent: stats.Counts{Bytes: 3 * n}, Received: stats.Counts{Bytes: n}, Lost: stats.Counts{Packets: 2}, Jitter: 0.5},
		}})
	}
	r := &run{timeline: own, flows: []*dataFlow{{key: wire.Key{Flow: 5}}}}
	reader := r.readVector(false, final)
	if _, err := reader.Write([]byte(text.String())); err != nil {
		t.Fatal(err)
	}
	peer, err := reader.end(nil)
	if err != nil {
		t.Fatal(err)
	}
	return peer
}

func reportOf(own *timeline, peer *peerTimeline) *Report {
	both := traffic.Direction{Size: wire.Distribution{Values: [4]float64{100}}}
	spec := traffic.FlowSpec{ID: 5, Outgoing: both, Incoming: both}
	r := (&run{Config: Config{Detailed: true, Flows: []FlowConfig{{Spec: spec}}}, timeline: own}).newReport()
	r.peer = peer
	return r
}

func TestIntervals(t *testing.T) {
	tests := []struct {
		name      string
		own, peer []float64
		final     bool
		numbers   []int
		ends      []float64
	}{
		{"as planned", []float64{0, 1, 2, 3}, []float64{0, 1, 2, 3}, true, []int{1, 2, 3}, []float64{1, 2, 3}},
		{"an end between", []float64{0, 1.001, 2.3}, []float64{0, 1.2, 2.4}, true, []int{1, 2}, []float64{1.001, 2.3}},
		{"this side was late once", []float64{0, 2.1, 3}, []float64{0, 1, 2, 3}, true, []int{2, 3}, []float64{2.1, 3}},
		{"the peer was late once", []float64{0, 1, 2, 3}, []float64{0, 2.5, 3.01}, true, []int{2, 3}, []float64{2, 3}},
		{"the last ones in one interval", []float64{0, 1, 1.5}, []float64{0, 1, 1.4}, true, []int{1, 2}, []float64{1, 1.5}},
		{"warm-up", []float64{-2, -1, 0, 1}, []float64{-1.9999, -0.9999, 0.0001, 1}, true, []int{-1, 0, 1}, []float64{-1, 0, 1}},
		{"a reference", []float64{0, 1, 2}, []float64{0, 1}, false, []int{1, 2}, []float64{1, 2}},
		{"nothing known", []float64{0, 1, 2}, nil, true, []int{1, 2}, []float64{1, 2}},
	}
	for _, test := range tests {
		own := newTimeline(time.Second)
		fill(own, test.own...)
		var sent, received uint64
		n := 0
		for row := range reportOf(own, peerOf(t, own, test.final, test.peer...)).Intervals() {
			if !row.Outgoing {
				continue
			}
			if n < len(test.numbers) && (row.Number != test.numbers[n] || row.End != time.Duration(test.ends[n]*1e9)) {
				t.Errorf("%s: row %d is interval %d until %v", test.name, n, row.Number, row.End)
			}
			n++
			sent += row.Sent.Bytes
			if row.Received != nil {
				received += row.Received.Bytes
			} else if test.final && test.peer != nil {
				t.Errorf("%s: row %d does not know what was received", test.name, n)
			}
		}
		if n != len(test.numbers) {
			t.Errorf("%s: %d rows", test.name, n)
		}
		if want := own.now.flows[0].sent.Bytes; sent != want {
			t.Errorf("%s: sent %d, the sum of %d is missing", test.name, sent, want)
		}
		if k := len(test.peer); k > 0 && received != uint64(test.peer[k-1]*1000) {
			t.Errorf("%s: received %d in all", test.name, received)
		}
	}
}

// TestIntervalFigures: which side says what.
func TestIntervalFigures(t *testing.T) {
	own := newTimeline(time.Second)
	fill(own, 0, 1)
	var rows []Interval
	for row := range reportOf(own, peerOf(t, own, true, 0, 2)).Intervals() {
		rows = append(rows, row)
	}
	if len(rows) != 2 || !rows[0].Outgoing || rows[1].Outgoing {
		t.Fatalf("%+v", rows)
	}
	out, in := rows[0], rows[1]
	if out.Sent.Bytes != 1000 || out.SendRate != 8000 || out.Received.Bytes != 2000 || out.ReceiveRate != 8000 || out.Jitter != 0.5 {
		t.Errorf("outgoing %+v", out)
	}
	if in.Sent.Bytes != 6000 || in.SendRate != 24000 || in.Received.Bytes != 10000 || in.ReceiveRate != 80000 || in.Jitter != 0 {
		t.Errorf("incoming %+v", in)
	}
}

// TestTimelineIsBounded: however long it runs, what is kept has a bound, and
// the sums stay what they were.
func TestTimelineIsBounded(t *testing.T) {
	own := newTimeline(time.Second)
	own.most = 100
	at := make([]float64, 12345)
	for i := range at {
		at[i] = float64(i)
	}
	fill(own, at...)
	if len(own.kept) > 102 || len(own.kept) < 40 || !own.thinned() {
		t.Fatalf("%d kept", len(own.kept))
	}
	var sent uint64
	for row := range reportOf(own, peerOf(t, own, true, at...)).Intervals() {
		if row.Outgoing {
			sent += row.Sent.Bytes
		}
	}
	if sent != 12344_000 {
		t.Errorf("sent %d", sent)
	}
}

// TestVectorReader: what is no vector ends nothing and blocks nobody.
func TestVectorReader(t *testing.T) {
	own := newTimeline(flow.DefaultInterval)
	fill(own, 0, 1)
	for _, compressed := range []bool{false, true} {
		r := &run{timeline: own}
		reader := r.readVector(compressed, true)
		for range 100 {
			if _, err := reader.Write([]byte("this is no vector\n")); err != nil {
				t.Fatal(err)
			}
		}
		if peer, err := reader.end(nil); err == nil || peer.last != nil {
			t.Errorf("compressed %v: %v", compressed, err)
		}
	}
}
