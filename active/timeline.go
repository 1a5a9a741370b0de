package active

import (
	"time"

	"netperfmeter/stats"
)

// mostKept bounds what a timeline keeps, in flows times events: some 40 MiB.
const mostKept = 1 << 19

// moment is what all flows of one side had counted at a statistics event.
type moment struct {
	number int   // of the interval that ends here
	time   int64 // microseconds since the epoch
	at     time.Duration
	flows  []counted // in the order of the flows
}

// counted is what a flow had counted since its start.
type counted struct {
	sent, received, lost stats.Counts
	jitter               float64 // milliseconds
}

// timeline keeps the statistics events of one side. Beyond a bound every
// second one goes, so that intervals grow longer and their sums stay exact.
type timeline struct {
	interval    time.Duration
	most        int     // flows times events to keep
	before, now *moment // the last two events; before is nil at the first
	kept        []*moment
	stride      int // every so many events are kept
	skipped     int // events since the last one that was kept
}

func newTimeline(interval time.Duration) *timeline {
	return &timeline{interval: interval, most: mostKept, stride: 1}
}

// add takes an event of this side.
func (t *timeline) add(e stats.GlobalEvent, keep bool) {
	m := &moment{time: e.Time, at: e.RelTime, flows: make([]counted, len(e.Flows))}
	for i := range e.Flows {
		if t.now == nil {
			break // what came before the first event belongs to the first interval
		}
		f := &e.Flows[i]
		m.flows[i] = counted{f.Sent, f.Received, f.Lost, f.Jitter}
	}
	t.before, t.now = t.now, m
	m.number = t.numberOf(m.at)
	if t.before != nil {
		m.number = max(m.number, t.before.number+1) // the last event stands between two multiples
	}
	if keep {
		t.keep(m)
	}
}

// numberOf finds the interval that ends with an event, which is never early.
func (t *timeline) numberOf(at time.Duration) int {
	n := at / t.interval
	if at < 0 && at%t.interval != 0 {
		n--
	}
	return int(n)
}

func (t *timeline) keep(m *moment) {
	if t.skipped++; t.skipped < t.stride && len(t.kept) > 0 {
		return
	}
	t.skipped = 0
	t.kept = append(t.kept, m)
	if len(t.kept) > 2 && len(t.kept)*len(m.flows) > t.most {
		t.thin()
	}
}

// thin drops every second event but the first and the latest.
func (t *timeline) thin() {
	half := t.kept[:0]
	for i, m := range t.kept {
		if i%2 == 0 || i == len(t.kept)-1 {
			half = append(half, m)
		}
	}
	clear(t.kept[len(half):])
	t.kept = half
	t.stride *= 2
}

// finish keeps the last event whatever the stride.
func (t *timeline) finish() {
	if n := len(t.kept); n > 0 && t.kept[n-1] != t.now {
		t.kept = append(t.kept, t.now)
	}
}

// thinned tells whether intervals had to be joined.
func (t *timeline) thinned() bool { return t.stride > 1 }
