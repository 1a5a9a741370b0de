package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// twoClocks are this host's clock and another's, at an offset that changes.
type twoClocks struct {
	begin  int64                        // of this host's wall clock, ns since the epoch
	offset func(at time.Duration) int64 // ns, at a time since the beginning
}

// exchange takes a sample at a time since the beginning, with the times that
// the two ways and the other host's answer take.
func (c twoClocks) exchange(t *testing.T, at, there, answer, back time.Duration) ClockSample {
	t.Helper()
	arrival, departure := at+there, at+there+answer
	returned := departure + back
	r := ClockReadings{
		Sent: c.begin + int64(at), Returned: c.begin + int64(returned),
		Received: c.begin + int64(arrival) + c.offset(arrival), Answered: c.begin + int64(departure) + c.offset(departure),
		At: int64(at+returned) / 2, Took: int64(returned - at),
	}
	s, ok := r.Sample()
	if !ok {
		t.Fatalf("no sample of %+v", r)
	}
	return s
}

func checkBound(t *testing.T, e *ClockEstimate, c twoClocks, at time.Duration) time.Duration {
	t.Helper()
	offset, bound := e.Offset(int64(at))
	if miss := (offset - time.Duration(c.offset(at))).Abs(); miss > bound {
		t.Errorf("at %v: %v +- %v, but the truth is %v", at, offset, bound, time.Duration(c.offset(at)))
	}
	return bound
}

// Whatever the offset, the drift and the delays are, the truth is within the
// bounds, and these are not wider than the best exchanges make them.
func TestClockEstimate(t *testing.T) {
	offsets := []time.Duration{0, 137 * time.Microsecond, -90 * time.Second, 7 * 365 * 24 * time.Hour}
	drifts := []float64{0, 0.2, -37, 450, -1900} // ppm
	ways := []struct{ there, back, jitter time.Duration }{
		{25 * time.Microsecond, 25 * time.Microsecond, 10 * time.Microsecond},
		{50 * time.Millisecond, 50 * time.Millisecond, 30 * time.Millisecond},
		{40 * time.Millisecond, time.Millisecond, 5 * time.Millisecond},
		{10 * time.Microsecond, 3 * time.Second, time.Second},
	}
	times := []time.Duration{500 * time.Millisecond, 10 * time.Second, time.Hour, 40 * time.Hour}
	random := rand.New(rand.NewPCG(5, 5))
	for _, offset := range offsets {
		for _, drift := range drifts {
			for _, way := range ways {
				for _, length := range times {
					name := fmt.Sprintf("%v, %v ppm, %v there, %v back, %v", offset, drift, way.there, way.back, length)
					t.Run(name, func(t *testing.T) {
						c := twoClocks{begin: 1_800_000_000e9, offset: func(at time.Duration) int64 {
							return int64(offset) + int64(drift*1e-6*float64(at))
						}}
						jitter := func() time.Duration { return time.Duration(random.ExpFloat64() * float64(way.jitter)) }
						var series ClockSeries
						take := func(at time.Duration) {
							series.Add(c.exchange(t, at, way.there+jitter(), time.Microsecond, way.back+jitter()))
						}
						for i := range 8 {
							take(time.Duration(i) * (way.there + way.back))
						}
						for at := 2 * time.Second; at < length; at += max(2*time.Second, length/8000) {
							take(at)
						}
						for i := range 8 {
							take(length + time.Duration(i)*(way.there+way.back))
						}
						e, _ := series.Estimate()
						if !e.Steady {
							t.Error("the clocks are said not to be steady")
						}
						// A good deal more than half the least round trip of any of the
						// ends would mean that what is known has not been used.
						most := (way.there+way.back)/2 + 3*way.jitter + 10*time.Microsecond
						for i := range 21 {
							at := time.Duration(i) * length / 20
							if bound := checkBound(t, &e, c, at); bound > most {
								t.Errorf("at %v the bound is %v, more than %v", at, bound, most)
							}
						}
						if math.Abs(e.Drift-drift) > e.DriftBound+1e-6 {
							t.Errorf("drift %v +- %v ppm, but the truth is %v", e.Drift, e.DriftBound, drift)
						}
					})
				}
			}
		}
	}
}

// A way that takes longer than the other cannot be seen: the estimate is off by
// half the difference, and the bound says that it may be.
func TestClockAsymmetry(t *testing.T) {
	c := twoClocks{begin: 1_800_000_000e9, offset: func(time.Duration) int64 { return 5_000_000 }}
	for _, extra := range []time.Duration{0, time.Millisecond, 30 * time.Millisecond} {
		var series ClockSeries
		for i := range 20 {
			series.Add(c.exchange(t, time.Duration(i)*time.Second, 20*time.Microsecond+extra, 0, 20*time.Microsecond))
		}
		e, _ := series.Estimate()
		offset, bound := e.Offset(int64(10 * time.Second))
		if off := offset - 5*time.Millisecond - extra/2; off.Abs() > time.Microsecond {
			t.Errorf("%v more on one way: the estimate is %v", extra, offset)
		}
		if bound < extra/2+20*time.Microsecond || bound > (extra/2+40*time.Microsecond)*1003/1000 {
			t.Errorf("%v more on one way: the bound is %v", extra, bound)
		}
		checkBound(t, &e, c, 10*time.Second)
	}
}

// Clocks that do not keep to a line are noticed, and at each exchange the truth
// is within the bound all the same.
func TestUnsteadyClocks(t *testing.T) {
	tests := map[string]func(at time.Duration) int64{
		"set in between": func(at time.Duration) int64 {
			if at > 31*time.Second {
				return int64(time.Second)
			}
			return 0
		},
		"slewed for a while": func(at time.Duration) int64 { return 500 * int64(min(max(at-20*time.Second, 0), 10*time.Second)) / 1e6 },
		"wandering":          func(at time.Duration) int64 { return int64(300e3 * math.Sin(at.Seconds()/7)) },
	}
	for name, offset := range tests {
		t.Run(name, func(t *testing.T) {
			c := twoClocks{begin: 1_800_000_000e9, offset: offset}
			random := rand.New(rand.NewPCG(6, 6))
			var series ClockSeries
			for at := time.Duration(0); at < time.Minute; at += 2 * time.Second {
				jitter := time.Duration(random.ExpFloat64() * 20e3)
				series.Add(c.exchange(t, at, 30*time.Microsecond+jitter, 0, 30*time.Microsecond))
			}
			e, _ := series.Estimate()
			if e.Steady {
				t.Error("the clocks are said to be steady")
			}
			now := time.Minute
			if miss := e.Expected(int64(now)) - time.Duration(c.offset(now)); miss.Abs() > time.Millisecond {
				t.Errorf("%v is expected, but the truth is %v", e.Expected(int64(now)), time.Duration(c.offset(now)))
			}
			for _, s := range narrowest(series.samples, unsteadyParts) {
				checkBound(t, &e, c, time.Duration(s.At))
			}
		})
	}
}

// A single exchange bounds the offset near its own time.
func TestClockSingleExchange(t *testing.T) {
	c := twoClocks{begin: 1_800_000_000e9, offset: func(at time.Duration) int64 { return int64(at) / 1000 }}
	var series ClockSeries
	if _, ok := series.Estimate(); ok {
		t.Error("an estimate of nothing")
	}
	series.Add(c.exchange(t, 0, time.Millisecond, 0, time.Millisecond))
	e, _ := series.Estimate()
	near, far := checkBound(t, &e, c, 0), checkBound(t, &e, c, time.Second)
	if near > 1100*time.Microsecond || far < 2*time.Millisecond {
		t.Errorf("bound %v at once, %v a second later", near, far)
	}
}

// After a few exchanges in a short time the offset is expected to stay.
func TestClockExpected(t *testing.T) {
	for _, drift := range []float64{0, 20, -50} { // ppm
		c := twoClocks{begin: 1_800_000_000e9, offset: func(at time.Duration) int64 { return 7_000_000 + int64(drift*1e-6*float64(at)) }}
		var series ClockSeries
		for i := range 8 {
			series.Add(c.exchange(t, time.Duration(i)*time.Millisecond, 30*time.Microsecond, 0, 20*time.Microsecond))
		}
		e, _ := series.Estimate()
		if miss := e.Expected(int64(time.Second)) - time.Duration(c.offset(time.Second)); miss.Abs() > 60*time.Microsecond {
			t.Errorf("drift of %v ppm: after a second the offset is expected %v off", drift, miss)
		}
		series.Add(c.exchange(t, time.Minute, 30*time.Microsecond, 0, 20*time.Microsecond))
		e, _ = series.Estimate()
		later := time.Minute + time.Second
		if miss := e.Expected(int64(later)) - time.Duration(c.offset(later)); miss.Abs() > 60*time.Microsecond {
			t.Errorf("drift of %v ppm: after a minute the offset is expected %v off", drift, miss)
		}
	}
}

// Readings that cannot be of one exchange are no sample.
func TestClockReadingsRefused(t *testing.T) {
	good := ClockReadings{Sent: 1e18, Received: 1e18 + 500, Answered: 1e18 + 600, Returned: 1e18 + 1000, Took: 1000}
	if _, ok := good.Sample(); !ok {
		t.Fatal("a sound exchange is refused")
	}
	for name, change := range map[string]func(*ClockReadings){
		"answered before it was received": func(r *ClockReadings) { r.Answered = r.Received - 1 },
		"answering took longer than all":  func(r *ClockReadings) { r.Answered = r.Received + 2000 },
		"this clock was set":              func(r *ClockReadings) { r.Returned += int64(time.Hour) },
		"this clock was set back":         func(r *ClockReadings) { r.Returned -= int64(time.Hour) },
		"nonsense":                        func(r *ClockReadings) { r.Received, r.Answered = math.MinInt64, math.MaxInt64 },
		"time ran backwards":              func(r *ClockReadings) { r.Took = -1 },
	} {
		r := good
		change(&r)
		if s, ok := r.Sample(); ok {
			t.Errorf("%s: %+v", name, s)
		}
	}
}
