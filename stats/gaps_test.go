package stats

import (
	"testing"
	"time"

	"netperfmeter/wire"
)

// gapEpoch is the start of the measurements of these tests.
const gapEpoch = 1_800_000_000_000_000

// stream feeds a Reception with messages of 1000 bytes.
type stream struct {
	r    *Reception
	seq  wire.Seq
	now  time.Duration // since gapEpoch
	step time.Duration // by which the wall clock is set
}

func newStream(c GapConfig) *stream {
	s := &stream{r: NewReception(0, 0)}
	s.r.WatchGaps(c)
	s.r.Begin(gapEpoch)
	return s
}

// until brings a message every so often until a time.
func (s *stream) until(end, every time.Duration) {
	for s.now+every <= end {
		s.pause(every)
	}
}

// pause brings a message after a time.
func (s *stream) pause(d time.Duration) {
	s.now += d
	at := gapEpoch + (s.now + s.step).Microseconds()
	s.r.Waited(d)
	s.r.Account(&Arrival{Time: at, Sent: at - 100, Seq: s.seq, ByteSeq: 1000 * uint64(s.seq), Frame: wire.FrameID(s.seq), Length: 1000, First: true, Last: true})
	s.seq++
}

// relative gives the gaps' starts since the beginning.
func (s *stream) relative() (starts []time.Duration, list GapList) {
	list = s.r.Gaps()
	for _, g := range list.Gaps {
		starts = append(starts, microseconds(g.Start-gapEpoch))
	}
	return starts, list
}

const gapThreshold = 100 * time.Millisecond

// The old rate is back when the rate is, not when the first message is.
func TestGapRecovery(t *testing.T) {
	tests := map[string]struct {
		after func(*stream) // what follows a gap from 2 s to 2.3 s
		back  time.Duration
	}{
		"at once": {func(s *stream) { s.until(5*time.Second, time.Millisecond) }, 0},
		"half for a while": {func(s *stream) {
			s.until(3*time.Second, 2*time.Millisecond)
			s.until(5*time.Second, time.Millisecond)
		}, 700*time.Millisecond - 40*time.Millisecond}, // a window that is a fifth slow passes
		"slowly": {func(s *stream) {
			for every := 20 * time.Millisecond; every > time.Millisecond; every -= time.Millisecond {
				s.until(s.now+100*time.Millisecond, every)
			}
			s.until(8*time.Second, time.Millisecond)
		}, 1828*time.Millisecond - 40*time.Millisecond},
		"never": {func(s *stream) { s.until(9*time.Second, 2*time.Millisecond) }, -1},
		"not before the next": {func(s *stream) {
			s.until(2500*time.Millisecond, 2*time.Millisecond)
			s.pause(200 * time.Millisecond)
			s.until(5*time.Second, time.Millisecond)
		}, -1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newStream(GapConfig{Threshold: gapThreshold})
			s.until(2*time.Second, time.Millisecond)
			s.pause(300 * time.Millisecond)
			tt.after(s)
			starts, list := s.relative()
			if len(starts) == 0 || starts[0] != 2*time.Second || list.Gaps[0].Length != 300*time.Millisecond || list.Gaps[0].Open {
				t.Fatalf("gaps %+v at %v", list, starts)
			}
			if got := list.Gaps[0].Recovery; (got-tt.back).Abs() > 15*time.Millisecond || (got < 0) != (tt.back < 0) {
				t.Errorf("the rate was back after %v, want %v", got, tt.back)
			}
			if name == "not before the next" && (len(list.Gaps) != 2 || list.Gaps[1].Recovery != 0 || list.Gaps[1].Length != 200*time.Millisecond) {
				t.Errorf("the second gap: %+v", list.Gaps)
			}
		})
	}
}

// The start of the measurement and its end are ends of gaps, too.
func TestGapAtTheEnds(t *testing.T) {
	s := newStream(GapConfig{Threshold: gapThreshold})
	s.pause(400 * time.Millisecond)
	s.until(2*time.Second, time.Millisecond)
	s.r.End(gapEpoch + 3_000_000)
	starts, list := s.relative()
	if len(starts) != 2 || starts[0] != 0 || starts[1] != 2*time.Second || list.Total != 2 ||
		list.Gaps[0].Length != 400*time.Millisecond || list.Gaps[1].Length != time.Second || list.Gaps[0].Open || !list.Gaps[1].Open {
		t.Errorf("gaps %+v at %v", list, starts)
	}
	if longest := s.r.Snapshot(); longest.LongestGap != time.Second || longest.GapStart != gapEpoch+2_000_000 {
		t.Errorf("longest %v at %v", longest.LongestGap, longest.GapStart)
	}

	nothing := newStream(GapConfig{Threshold: gapThreshold})
	nothing.r.End(gapEpoch + 3_000_000)
	if list := nothing.r.Gaps(); list.Total != 1 || !list.Gaps[0].Open || list.Gaps[0].Length != 3*time.Second {
		t.Errorf("nothing came at all: %+v", list)
	}

	unlisted := newStream(GapConfig{})
	unlisted.until(time.Second, 300*time.Millisecond)
	unlisted.r.End(gapEpoch + 3_000_000)
	if longest := unlisted.r.Snapshot().LongestGap; unlisted.r.Gaps().Total != 0 || longest != 300*time.Millisecond {
		t.Errorf("without a threshold: %+v, longest %v", unlisted.r.Gaps(), longest)
	}
}

// Of many gaps the longest are kept, in the order of their times.
func TestLongestGaps(t *testing.T) {
	s := newStream(GapConfig{Threshold: gapThreshold})
	s.until(time.Second, time.Millisecond)
	for i := range 100 {
		s.pause(200*time.Millisecond + time.Duration(i*37%100)*time.Millisecond)
		s.until(s.now+50*time.Millisecond, time.Millisecond)
	}
	starts, list := s.relative()
	if list.Total != 100 || len(list.Gaps) != mostGaps {
		t.Fatalf("%d gaps, %d listed", list.Total, len(list.Gaps))
	}
	for i, g := range list.Gaps {
		if g.Length < time.Duration(300-mostGaps)*time.Millisecond || i > 0 && starts[i] <= starts[i-1] {
			t.Errorf("gap %d: %+v at %v", i, g, starts[i])
		}
	}
}

// What the plan leaves out is no gap; what is missing besides is.
func TestPlannedSilence(t *testing.T) {
	second := func(d time.Duration) int64 { return gapEpoch + d.Microseconds() }
	planned := func(from, to int64) int64 { // off from 2 s to 4 s
		return max(min(to, second(4*time.Second))-max(from, second(2*time.Second)), 0)
	}
	s := newStream(GapConfig{Threshold: gapThreshold, Silence: planned})
	s.until(2*time.Second, time.Millisecond)
	s.now = 4*time.Second + 2*time.Millisecond // later than planned: the delay has grown
	s.pause(0)
	s.until(5*time.Second, time.Millisecond)
	if list := s.r.Gaps(); list.Total != 0 {
		t.Errorf("a planned silence is listed: %+v", list)
	}
	if longest := s.r.Snapshot().LongestGap; longest != 2*time.Millisecond {
		t.Errorf("the longest gap is %v", longest)
	}

	s = newStream(GapConfig{Threshold: gapThreshold, Silence: planned})
	s.until(1900*time.Millisecond, time.Millisecond)
	s.pause(2500 * time.Millisecond)
	if starts, list := s.relative(); list.Total != 1 || starts[0] != 1900*time.Millisecond || list.Gaps[0].Length != 500*time.Millisecond {
		t.Errorf("a gap around a planned silence: %+v at %v", list, starts)
	}
}

// A wall clock that is set makes no gap, and hides none.
func TestGapsAndClockSteps(t *testing.T) {
	for _, step := range []time.Duration{time.Hour, -time.Hour} {
		s := newStream(GapConfig{Threshold: gapThreshold})
		s.until(2*time.Second, time.Millisecond)
		s.step = step
		s.until(4*time.Second, time.Millisecond)
		if list := s.r.Gaps(); list.Total != 0 || s.r.Snapshot().LongestGap != time.Millisecond {
			t.Errorf("clock set by %v: %+v, longest %v", step, list, s.r.Snapshot().LongestGap)
		}
		s.pause(500 * time.Millisecond)
		s.until(6*time.Second, time.Millisecond)
		if list := s.r.Gaps(); list.Total != 1 || list.Gaps[0].Length != 500*time.Millisecond || list.Gaps[0].Recovery != 0 {
			t.Errorf("a gap after the clock was set by %v: %+v", step, list)
		}
		s.step = 0
		s.pause(700 * time.Millisecond)
		if list := s.r.Gaps(); list.Total != 2 || s.r.Snapshot().LongestGap != 700*time.Millisecond {
			t.Errorf("a gap while the clock was set by %v: %+v", -step, list)
		}
	}
}

// A warm-up has no gaps; one that lasts beyond it begins with its end.
func TestGapsOfWarmUp(t *testing.T) {
	s := newStream(GapConfig{Threshold: gapThreshold})
	s.r.Omit()
	s.r.Begin(gapEpoch + 2_000_000)
	s.until(time.Second, time.Millisecond)
	s.pause(500 * time.Millisecond)
	s.until(1700*time.Millisecond, time.Millisecond)
	s.r.StartSummaries() // as the receiver does with the first message after the warm-up
	s.pause(600 * time.Millisecond)
	if starts, list := s.relative(); list.Total != 1 || starts[0] != 2*time.Second || list.Gaps[0].Length != 300*time.Millisecond {
		t.Errorf("%+v at %v", list, starts)
	}
}

// Looking for gaps allocates nothing but for the list.
func TestGapsAllocateNothing(t *testing.T) {
	s := newStream(GapConfig{Threshold: gapThreshold})
	s.until(time.Second, time.Millisecond)
	// The summaries of new delays and jitters do now and then, so all is equal.
	if n := testing.AllocsPerRun(1000, func() { s.until(s.now+100*time.Millisecond, 500*time.Microsecond) }); n != 0 {
		t.Errorf("%v allocations in 200 messages", n)
	}
}
