package stats

import (
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

func newBuckets() *mapping.CubicallyInterpolatedMapping {
	m, err := mapping.NewCubicallyInterpolatedMapping(SummaryAccuracy)
	if err != nil {
		panic(err) // only for an accuracy outside 0..1
	}
	return m
}

// Summary describes the distribution of many values in little memory: count,
// mean, minimum, maximum and deviation as exact as floating point is, quantiles
// from a sketch (DDSketch) with a relative error of at most SummaryAccuracy, for
// negative values too. Memory depends on the range of the values, not on their
// number: some 4 bytes for every 0.1 % of range in use, at most a few hundred
// KiB. The zero value is empty and ready for use.
type Summary struct {
	count    uint64
	min, max float64

	// Sums of the values' differences from the first value and of their
	// squares, since large numbers with small differences would leave nothing
	// of a deviation.
	origin, sum, squares float64

	// Values wait here for the sketch, whose memory is spread: one flow of
	// thousands would find none of it in the caches for a single value. A run of
	// equal ones waits as one, since all messages of a batch often have the same
	// delay. From the first value on the latest one is always here, if only as a
	// run of 0.
	filled  int
	waiting [waitingRuns]valueRun

	sketch             *ddsketch.DDSketch // made with the first value: idle flows have none
	positive, negative *store.BufferedPaginatedStore
}

// waitingRuns is how many values wait: with 16 their entry costs no more than
// the rest of Add.
const waitingRuns = 16

// valueRun is n equal values.
type valueRun struct {
	value float64
	n     uint64
}

// Add takes a value in. NaN and infinities are ignored.
func (s *Summary) Add(v float64) { s.AddN(v, 1) }

// again takes in the value of the latest Add once more.
func (s *Summary) again() { s.waiting[s.filled-1].n++ }

// AddN takes n equal values in.
func (s *Summary) AddN(v float64, n uint64) {
	if i := s.filled - 1; i >= 0 && s.waiting[i].value == v {
		s.waiting[i].n += n
		return
	}
	if s.filled == waitingRuns {
		s.flush()
	}
	s.waiting[s.filled] = valueRun{v, n}
	s.filled++
}

// flush puts what waits into sum, extremes and sketch.
func (s *Summary) flush() {
	if s.filled == 0 {
		return
	}
	for _, r := range s.waiting[:s.filled] {
		if r.n > 0 && r.value-r.value == 0 { // infinity less infinity is not a number
			s.enter(r.value, r.n)
		}
	}
	s.waiting[0] = valueRun{value: s.waiting[s.filled-1].value}
	s.filled = 1
}

// enter puts n equal values into sum, extremes and sketch.
func (s *Summary) enter(v float64, count uint64) {
	if s.sketch == nil {
		s.attach(ddsketch.NewDDSketchFromStoreProvider(buckets, store.BufferedPaginatedStoreConstructor))
		s.min, s.max, s.origin = v, v, v
	}
	s.min, s.max = min(s.min, v), max(s.max, v)
	n, d := float64(count), v-s.origin
	s.sum += d * n
	s.squares += d * d * n
	s.count += count
	switch {
	case v >= summaryFloor:
		s.positive.AddWithCount(buckets.Index(v), n)
	case v <= -summaryFloor:
		s.negative.AddWithCount(buckets.Index(-v), n)
	default:
		_ = s.sketch.AddWithCount(0, n) // 0 is always in range
	}
}

// attach keeps the sketch's stores under their own type, which saves the hot
// path the calls through an interface.
func (s *Summary) attach(sketch *ddsketch.DDSketch) {
	s.sketch = sketch
	s.positive = sketch.GetPositiveValueStore().(*store.BufferedPaginatedStore)
	s.negative = sketch.GetNegativeValueStore().(*store.BufferedPaginatedStore)
}

// Merge takes in all values of o, which stays as it is.
func (s *Summary) Merge(o *Summary) {
	o = o.Copy()
	o.flush()
	s.flush()
	if o.count == 0 {
		return
	}
	if s.count == 0 {
		*s = *o
		return
	}
	s.min, s.max = min(s.min, o.min), max(s.max, o.max)
	n, d := float64(o.count), o.origin-s.origin
	s.squares += o.squares + 2*d*o.sum + n*d*d
	s.sum += o.sum + n*d
	s.count += o.count
	_ = s.sketch.MergeWith(o.sketch) // cannot fail: the same buckets
}

// Copy returns an independent copy.
func (s *Summary) Copy() *Summary {
	c := *s
	if s.sketch != nil {
		c.attach(s.sketch.Copy())
	}
	return &c
}
