package stats

import "math"

// Count returns the number of values.
func (s *Summary) Count() uint64 {
	s.flush()
	return s.count
}

// Mean returns the mean, NaN of nothing.
func (s *Summary) Mean() float64 {
	s.flush()
	return s.orNaN(s.origin + s.sum/float64(s.count))
}

// Min returns the smallest value, NaN of nothing.
func (s *Summary) Min() float64 {
	s.flush()
	return s.orNaN(s.min)
}

// Max returns the largest value, NaN of nothing.
func (s *Summary) Max() float64 {
	s.flush()
	return s.orNaN(s.max)
}

// StdDev returns the standard deviation of the values, NaN of nothing.
func (s *Summary) StdDev() float64 {
	s.flush()
	n := float64(s.count)
	return s.orNaN(math.Sqrt(max(s.squares-s.sum*s.sum/n, 0) / n))
}

func (s *Summary) orNaN(v float64) float64 {
	if s.count == 0 {
		return math.NaN()
	}
	return v
}

// Quantile returns the value below which the fraction q (0..1) of all values
// is, to SummaryAccuracy of that value; exactly the extremes for 0 and 1, NaN of
// nothing or for another q.
func (s *Summary) Quantile(q float64) float64 {
	s.flush()
	if s.count == 0 || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	switch q {
	case 0:
		return s.min
	case 1:
		return s.max
	}
	v, err := s.sketch.GetValueAtQuantile(q)
	if err != nil {
		return math.NaN()
	}
	return min(max(v, s.min), s.max)
}

// Buckets calls f for the logarithmic histogram's buckets with anything in
// them, in ascending order, until f returns false. value stands for the whole
// bucket: everything in it is within SummaryAccuracy of it.
func (s *Summary) Buckets(f func(value float64, count uint64) bool) {
	s.flush()
	if s.count == 0 {
		return
	}
	negative, positive := s.bins(-1), s.bins(1)
	for i := len(negative) - 1; i >= 0; i-- {
		if !f(negative[i].value, negative[i].count) {
			return
		}
	}
	if zero := uint64(s.sketch.GetZeroCount()); zero > 0 && !f(0, zero) {
		return
	}
	for _, b := range positive {
		if !f(b.value, b.count) {
			return
		}
	}
}

type bucket struct {
	value float64
	count uint64
}

// bins returns the buckets of the values of that sign, the ones near 0 first.
func (s *Summary) bins(sign float64) []bucket {
	from := s.positive
	if sign < 0 {
		from = s.negative
	}
	var bins []bucket
	from.ForEach(func(index int, count float64) bool {
		value := sign * buckets.Value(index)
		bins = append(bins, bucket{min(max(value, s.min), s.max), uint64(count)})
		return false
	})
	return bins
}
