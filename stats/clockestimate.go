package stats

import (
	"math"
	"time"
)

// ClockEstimate is how another host's wall clock compares with this one's, as
// a line: an offset that grows by a steady drift. Of the lines that fit, which
// are a polygon in the plane of offset and drift, it is the one in the middle.
type ClockEstimate struct {
	// Drift is how much faster the other clock runs, in parts per million, and
	// DriftBound how much more or less that may be.
	Drift, DriftBound float64
	// Steady says that one line fits all samples. If none does, because a clock
	// was set or its frequency changed, the bounds are those of a line in
	// between.
	Steady    bool
	Exchanges int
	RoundTrip time.Duration // the shortest

	origin int64 // At of the first sample
	base   int64 // offset that those of the polygon are relative to
	lines  []clockLine
	floor  float64 // ns, no bound is less
	latest ClockSample
}

// unsteadyParts is how many of the samples, the best of as many parts of the
// time, stand for clocks that do not keep to a line.
const unsteadyParts = 16

// Estimate finds the line. false: there is no sample.
func (c *ClockSeries) Estimate() (ClockEstimate, bool) {
	if len(c.samples) == 0 {
		return ClockEstimate{}, false
	}
	first := c.samples[0]
	e := ClockEstimate{
		Steady: true, Exchanges: c.total, RoundTrip: first.RoundTrip(),
		origin: first.At, base: first.Low, latest: c.samples[len(c.samples)-1],
	}
	for i := range c.samples {
		e.RoundTrip = min(e.RoundTrip, c.samples[i].RoundTrip())
	}
	e.lines = e.fit(c.samples, 0)
	if len(e.lines) == 0 {
		e.fitUnsteady(narrowest(c.samples, unsteadyParts))
	}
	low, high := math.Inf(1), math.Inf(-1)
	for _, l := range e.lines {
		low, high = min(low, l.drift), max(high, l.drift)
	}
	e.Drift, e.DriftBound = (low+high)/2/1000, (high-low)/2/1000
	return e, true
}

// Offset returns how much the other clock is ahead (negative: behind) at an
// instant of the clock of ClockSample.At, and how much more or less that may
// be. Of clocks that are not steady that is so at the samples' instants.
func (e *ClockEstimate) Offset(at int64) (offset, bound time.Duration) {
	low, high := e.span(at)
	bound = time.Duration(math.Ceil(max((high-low)/2, e.floor)))
	return time.Duration(e.base) + time.Duration(math.Round((low+high)/2)), bound + time.Nanosecond
}

// Expected returns what the offset can be expected to be at an instant after
// the last sample. As long as the samples allow it, the clocks are taken to run
// at the same speed: they nearly do, and a drift in the middle of what a few
// samples in a short time allow would be off by far more. Of clocks that are not
// steady the latest sample says more than a line through all.
func (e *ClockEstimate) Expected(at int64) time.Duration {
	if !e.Steady {
		return time.Duration(e.latest.Low + (e.latest.High-e.latest.Low)/2)
	}
	low, high := math.Inf(1), math.Inf(-1)
	for i, here := range e.lines {
		before := e.lines[(i+len(e.lines)-1)%len(e.lines)]
		if (before.drift < 0) != (here.drift < 0) { // the edge passes no drift
			f := before.drift / (before.drift - here.drift)
			offset := before.offset + f*(here.offset-before.offset)
			low, high = min(low, offset), max(high, offset)
		}
	}
	if low > high {
		low, high = e.span(at)
	}
	return time.Duration(e.base) + time.Duration(math.Round((low+high)/2))
}

// span returns the least and the greatest offset at an instant, relative to
// the base.
func (e *ClockEstimate) span(at int64) (low, high float64) {
	t := float64(at-e.origin) / 1e9
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range e.lines {
		low, high = min(low, l.at(t)), max(high, l.at(t))
	}
	return low, high
}

// fit returns the corners of the polygon of lines that pass all samples, or
// nearly, by no more than slack (ns); none if there is no such line.
func (e *ClockEstimate) fit(samples []ClockSample, slack float64) []clockLine {
	const most = maxClockDrift * 1e9 // ns per second
	first := &samples[0]
	low, high := float64(first.Low-e.base)-slack, float64(first.High-e.base)+slack
	lines := []clockLine{{low, -most}, {high, -most}, {high, most}, {low, most}}
	if t := float64(first.At-e.origin) / 1e9; t != 0 {
		for i := range lines {
			lines[i].offset -= lines[i].drift * t
		}
	}
	for i := 1; i < len(samples) && len(lines) > 0; i++ {
		s := &samples[i]
		t := float64(s.At-e.origin) / 1e9
		low, high := float64(s.Low-e.base)-slack, float64(s.High-e.base)+slack
		lines = clipLines(lines, func(l clockLine) float64 { return l.at(t) - low })
		lines = clipLines(lines, func(l clockLine) float64 { return high - l.at(t) })
	}
	return lines
}

// fitUnsteady finds the lines that miss the samples by the least, and bounds
// the offset by how far each sample lets it be from their middle.
func (e *ClockEstimate) fitUnsteady(samples []ClockSample) {
	e.Steady = false
	lower, upper := 0.0, 1000.0
	for len(e.fit(samples, upper)) == 0 && upper < float64(maxClockOffset) {
		lower, upper = upper, 2*upper
	}
	for upper-lower > 1+upper/1000 {
		middle := (lower + upper) / 2
		if len(e.fit(samples, middle)) == 0 {
			lower = middle
		} else {
			upper = middle
		}
	}
	if e.lines = e.fit(samples, upper); len(e.lines) == 0 {
		// Clocks years apart that run at unheard-of speeds: nothing is known.
		e.lines = []clockLine{{0, 0}}
	}
	for i := range samples {
		s := &samples[i]
		low, high := e.span(s.At)
		middle := (low + high) / 2
		e.floor = max(e.floor, float64(s.High-e.base)-middle, middle-float64(s.Low-e.base))
	}
}

// clockLine is an offset (ns) that changes by drift (ns per second).
type clockLine struct{ offset, drift float64 }

func (l clockLine) at(seconds float64) float64 { return l.offset + l.drift*seconds }

// clipLines cuts off the part of a convex polygon where inside is negative
// (Sutherland and Hodgman, 1974). inside is linear.
func clipLines(polygon []clockLine, inside func(clockLine) float64) []clockLine {
	var kept []clockLine
	for i, here := range polygon {
		before := polygon[(i+len(polygon)-1)%len(polygon)]
		a, b := inside(before), inside(here)
		if (a < 0) != (b < 0) {
			f := a / (a - b)
			kept = append(kept, clockLine{before.offset + f*(here.offset-before.offset), before.drift + f*(here.drift-before.drift)})
		}
		if b >= 0 {
			kept = append(kept, here)
		}
	}
	return kept
}
