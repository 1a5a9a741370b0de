package stats

import (
	"math"
	"time"
)

// silence finds intervals without a message. Times are microseconds, those of
// messages since the epoch.
type silence struct {
	started bool  // there was a message
	last    int64 // when the latest one came
	limit   uint64
	roll    int64 // when the watch wants to be told

	longest, longestStart int64

	begun  int64 // nothing before it counts; 0: since the first message
	waited int64 // by a clock that does not step, between the messages read last; 0: unknown
	config GapConfig
	watch  *gapWatch // nil: no gap is listed
}

// clockStepMost is how much later than it came a message may be read: where the
// wall clock says that much more than the other one, or goes back by it, it was
// set.
const clockStepMost = int64(time.Second / time.Microsecond)

// WatchGaps makes the Reception list gaps. It is for the time before the first
// message.
func (r *Reception) WatchGaps(c GapConfig) {
	t := &r.timing
	t.config = c
	if c.Threshold > 0 {
		t.watch = &gapWatch{threshold: c.Threshold.Microseconds()}
		t.roll = math.MinInt64
	}
}

// Begin says when the measured time begins, in microseconds since the epoch: a
// message is waited for from then on.
func (r *Reception) Begin(at int64) { r.timing.begun = at }

// Waited says how long the messages that are accounted for next were waited
// for, by a clock that does not step: an interval that is longer by their times
// is a step of the wall clock.
func (r *Reception) Waited(d time.Duration) { r.timing.waited = d.Microseconds() }

// End says when the measured time ended, in microseconds since the epoch, if
// gaps are listed: the time since the last message may be one.
func (r *Reception) End(at int64) {
	if t := &r.timing; t.watch != nil {
		t.waited = 0
		if g, ok := t.gap(at); ok {
			t.watch.settle()
			t.watch.total++
			g.Open = true
			t.watch.keep(g)
		}
	}
}

// Gaps returns what was found, but for the Base.
func (r *Reception) Gaps() GapList {
	w := r.timing.watch
	if w == nil {
		return GapList{}
	}
	return GapList{Threshold: microseconds(w.threshold), Total: w.total, Gaps: w.gaps()}
}

// ended looks at the interval before a message, which is longer than the limit,
// or negative; bytes had come before.
func (s *silence) ended(time int64, bytes uint64) {
	if s.started && time < s.last-clockStepMost { // the clock was set back
		s.begun = min(s.begun, time)
		if s.watch != nil {
			s.watch.begin(time, bytes)
			s.roll = time
		}
	}
	if g, ok := s.gap(time); ok {
		s.watch.add(g, time, bytes)
	}
	s.limit = uint64(s.longest)
	if s.watch != nil {
		s.limit = min(s.limit, uint64(s.watch.threshold))
	}
}

// gap measures the interval up to a time, and reports whether it is one for the
// list.
func (s *silence) gap(time int64) (g Gap, list bool) {
	from := max(s.last, s.begun)
	if !s.started && s.begun == 0 || time < s.begun {
		return g, false
	}
	length := time - from
	if s.waited > 0 && (length > s.waited+clockStepMost || length < -clockStepMost) {
		length = s.waited
	}
	if length <= 0 {
		return g, false
	}
	if s.config.Silence != nil && time > from {
		length -= s.config.Silence(from, time)
	}
	if length > s.longest {
		s.longest, s.longestStart = length, from
	}
	g = Gap{Start: from, Length: microseconds(length), Recovery: -1}
	return g, s.watch != nil && length > s.watch.threshold
}

// forget starts the search anew.
func (s *silence) forget() {
	s.longest, s.longestStart, s.limit = 0, 0, 0
	if s.watch != nil {
		s.watch.restart()
	}
}
