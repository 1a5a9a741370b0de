package stats

import (
	"math"
	"testing"
	"time"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*math.Max(1, math.Abs(b)) }

// TestJitter follows RFC 3550 by hand; the first message has no difference,
// so clocks that are an hour apart do not matter.
func TestJitter(t *testing.T) {
	for _, offset := range []int64{0, 3_600_000_000, -3_600_000_000} {
		r := NewReception(0, 0)
		want := []float64{0, 0.1, 0.1 - 0.1/16, 0.09375 + (0.8-0.09375)/16}
		for i, delay := range []int64{1000, 2600, 2600, 1800} {
			a := single(uint64(i))
			a.Time = 1_000_000_000 + int64(i)*1000
			a.Sent = a.Time - delay - offset
			r.Account(&a)
			if got := r.Snapshot().Jitter; !near(got, want[i]) {
				t.Errorf("offset %d, message %d: jitter %v ms, want %v", offset, i, got, want[i])
			}
		}
		delay := r.Delay()
		shift := float64(offset) / 1000
		if !near(delay.Mean(), 2+shift) || delay.Min() != 1+shift || delay.Max() != 2.6+shift || delay.Count() != 4 {
			t.Errorf("delay: mean %v, min %v, max %v of %d", delay.Mean(), delay.Min(), delay.Max(), delay.Count())
		}
		if jitter := r.Jitter(); jitter.Max() != 0.138 || jitter.Min() != 0 || jitter.Count() != 4 {
			t.Errorf("jitter: min %v, max %v of %d", jitter.Min(), jitter.Max(), jitter.Count())
		}
	}
}

// TestJitterOrder: late messages count in the order of their arrival,
// duplicates not at all.
func TestJitterOrder(t *testing.T) {
	r := NewReception(0, 0)
	for i, seq := range []uint64{0, 2, 2, 1} {
		a := single(seq)
		a.Time = int64(1000 * (i + 1))
		a.Sent = a.Time - int64(160*(seq+1))
		r.Account(&a)
	}
	// Delays 160, 480, 320 us: differences 320 and 160.
	if got, want := r.Snapshot().Jitter, (20+(160-20)/16.0)/1000; !near(got, want) {
		t.Errorf("jitter %v ms, want %v", got, want)
	}
	if n := r.Delay().Count(); n != 3 {
		t.Errorf("%d delays", n)
	}
}

func TestLongestGap(t *testing.T) {
	tests := []struct {
		name  string
		times []int64
		want  time.Duration
		start int64
	}{
		{"nothing", nil, 0, 0},
		{"one message", []int64{5}, 0, 0},
		{"first of equal ones", []int64{5, 15, 20, 30}, 10 * time.Microsecond, 5},
		{"the middle one", []int64{5, 10, 1_000_010, 1_000_020}, time.Second, 10},
		{"clock set back", []int64{100, 50, 70}, 20 * time.Microsecond, 50},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReception(0, 0)
			for i, at := range test.times {
				a := single(uint64(i))
				a.Time = at
				r.Account(&a)
			}
			if s := r.Snapshot(); s.LongestGap != test.want || s.GapStart != test.start {
				t.Errorf("%v from %d, want %v from %d", s.LongestGap, s.GapStart, test.want, test.start)
			}
		})
	}
}

// TestWarmUp: what came before StartSummaries is in the counters, and only
// there; the difference of two snapshots is the rest.
func TestWarmUp(t *testing.T) {
	r := NewReception(0, 0)
	r.Omit()
	account := func(seq uint64, at, delay int64) {
		a := single(seq)
		a.Time, a.Sent = at, at-delay
		r.Account(&a)
	}
	account(2, 1_000_000, 900_000) // 0 and 1 are missing
	account(1, 5_000_000, 900_000)
	account(1, 5_000_000, 900_000)
	if n := r.Delay().Count(); n != 0 {
		t.Errorf("%d delays in the warm-up", n)
	}
	warmUp := r.Snapshot()
	r.StartSummaries()
	if got := r.Snapshot().Sub(warmUp); got.Counts != (Counts{}) || got.First != 0 || got.Last != 0 {
		t.Errorf("nothing came after the warm-up: %+v", got)
	}
	account(3, 7_000_000, 1000)
	account(5, 7_000_500, 1000)
	account(4, 7_000_600, 1000)
	account(7, 7_000_700, 1000)

	all := r.Snapshot()
	if all.Counts != (Counts{600, 6, 6}) || all.First != 1_000_000 || all.MeasuredFirst != 7_000_000 {
		t.Errorf("all: %+v", all)
	}
	got := all.Sub(warmUp)
	want := ReceivedStats{
		Counts: Counts{400, 4, 4}, First: 7_000_000, MeasuredFirst: 7_000_000, Last: 7_000_700,
		Lost: Counts{100, 1, 1}, Late: Counts{100, 1, 1}, LateDepthMax: 1, LateDepthTotal: 1,
		Jitter: all.Jitter, LongestGap: 2 * time.Second, GapStart: 5_000_000,
	}
	if got != want {
		t.Errorf("\n got %+v\nwant %+v", got, want)
	}
	if d := r.Delay(); d.Count() != 4 || d.Max() != 1 {
		t.Errorf("%d delays up to %v ms", d.Count(), d.Max())
	}
}

func TestFinish(t *testing.T) {
	tests := []struct {
		name  string
		final *Counts
		want  Counts
	}{
		{"unknown", nil, Counts{100, 1, 1}},
		{"the end was lost", &Counts{1000, 10, 10}, Counts{800, 8, 8}},
		{"nothing more", &Counts{300, 3, 3}, Counts{100, 1, 1}},
		{"fewer messages than the highest number says", &Counts{200, 2, 2}, Counts{100, 1, 1}},
		{"fewer bytes than came", &Counts{199, 10, 10}, Counts{100, 1, 1}},
		{"fewer frames than came", &Counts{1000, 10, 1}, Counts{100, 1, 1}},
		{"more bytes than fit", &Counts{1 << 40, 4, 4}, Counts{2 * 65535, 2, 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReception(0, 0)
			for _, seq := range []uint64{0, 2} {
				a := single(seq)
				r.Account(&a)
			}
			r.Finish(test.final)
			if got := r.Snapshot().Lost; got != test.want {
				t.Errorf("lost %v, want %v", got, test.want)
			}
		})
	}
	t.Run("nothing came", func(t *testing.T) {
		r := NewReception(0, 0)
		r.Finish(&Counts{1000, 10, 5})
		if got := r.Snapshot().Lost; got != (Counts{1000, 10, 5}) {
			t.Errorf("lost %v", got)
		}
	})
}
