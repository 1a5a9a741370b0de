package stats

import (
	"math"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
)

// SummaryAccuracy is the relative error of a Summary's quantiles: 0.1 % of the
// value itself, 10 us of a delay of 10 ms.
const SummaryAccuracy = 0.001

// summaryFloor is where values count as 0: a millionth of the unit. Without it
// something that fades away, like jitter, would fill buckets without end.
const summaryFloor = 1e-6

// buckets maps values to logarithmic buckets. It is stateless; the cubic
// approximation of the logarithm costs 1 % more buckets than the exact one and
// a third of its time.
var buckets = newBuckets()

func newBuckets() mapping.IndexMapping {
	m, err := mapping.NewCubicallyInterpolatedMapping(SummaryAccuracy)
	if err != nil {
		panic(err) // only for an accuracy outside 0..1
	}
	return m
}

// Summary describes the distribution of many values in little memory: count,
// mean, minimum, maximum and deviation as exact as floating point is, quantiles
// from a sketch (DDSketch) with a relative error of at most SummaryAccuracy,
// for negative values too. Memory depends on the range of the values, not on
// their number: some 4 bytes for every 0.1 % of range in use, at most a few
// hundred KiB. The zero value is empty and ready for use.
type Summary struct {
	count    uint64
	mean, m2 float64 // Welford's running mean and sum of squared deviations
	min, max float64

	// A run of equal values is kept aside and enters everything as one, since
	// all messages of a batch often have the same delay.
	run      float64
	runCount uint64

	sketch             *ddsketch.DDSketch // made with the first value: idle flows have none
	positive, negative store.Store        // the sketch's own
}

// Add takes a value in. NaN and infinities are ignored.
func (s *Summary) Add(v float64) {
	if v == s.run {
		s.runCount++
		return
	}
	s.flush()
	s.run, s.runCount = v, 1
}

// AddN takes n equal values in.
func (s *Summary) AddN(v float64, n uint64) {
	if v != s.run {
		s.flush()
		s.run = v
	}
	s.runCount += n
}

// flush puts the run into mean, extremes and sketch.
func (s *Summary) flush() {
	v, n := s.run, s.runCount
	s.runCount = 0
	if n == 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	if s.sketch == nil {
		s.positive, s.negative = store.NewBufferedPaginatedStore(), store.NewBufferedPaginatedStore()
		s.sketch = ddsketch.NewDDSketch(buckets, s.positive, s.negative)
		s.min, s.max = v, v
	}
	s.min, s.max = min(s.min, v), max(s.max, v)
	s.combine(float64(n), v, 0)
	s.count += n
	switch {
	case v >= summaryFloor:
		s.positive.AddWithCount(buckets.Index(v), float64(n))
	case v <= -summaryFloor:
		s.negative.AddWithCount(buckets.Index(-v), float64(n))
	default:
		_ = s.sketch.AddWithCount(0, float64(n)) // 0 is always in range
	}
}

// combine updates mean and deviation by n further values (Chan, Golub and
// LeVeque's formula for two samples); s.count is still without them.
func (s *Summary) combine(n, mean, m2 float64) {
	total := float64(s.count) + n
	d := mean - s.mean
	s.mean += d * n / total
	s.m2 += m2 + d*d*float64(s.count)*n/total
}

// Merge takes in all values of o, which stays as it is.
func (s *Summary) Merge(o *Summary) {
	o = o.Copy()
	o.flush()
	if o.count == 0 {
		return
	}
	s.flush()
	if s.count == 0 {
		*s = *o
		return
	}
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	s.combine(float64(o.count), o.mean, o.m2)
	s.count += o.count
	_ = s.sketch.MergeWith(o.sketch) // cannot fail: the same buckets
}

// Copy returns an independent copy.
func (s *Summary) Copy() *Summary {
	c := *s
	if s.sketch != nil {
		c.sketch = s.sketch.Copy()
		c.positive, c.negative = c.sketch.GetPositiveValueStore(), c.sketch.GetNegativeValueStore()
	}
	return &c
}
