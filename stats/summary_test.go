package stats

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"
)

var testQuantiles = []float64{0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1}

// checkSummary compares with the values themselves.
func checkSummary(t *testing.T, s *Summary, values []float64) {
	t.Helper()
	sorted := append([]float64(nil), values...)
	sort.Float64s(sorted)
	n := len(sorted)
	var mean, deviation float64
	for _, v := range sorted {
		mean += v / float64(n)
	}
	for _, v := range sorted {
		deviation += (v - mean) * (v - mean) / float64(n)
	}
	deviation = math.Sqrt(deviation)
	if s.Count() != uint64(n) || s.Min() != sorted[0] || s.Max() != sorted[n-1] {
		t.Errorf("%d values from %v to %v, want %d from %v to %v", s.Count(), s.Min(), s.Max(), n, sorted[0], sorted[n-1])
	}
	if math.Abs(s.Mean()-mean) > 1e-9*math.Abs(mean)+1e-9 || math.Abs(s.StdDev()-deviation) > 1e-6*deviation+1e-9 {
		t.Errorf("mean %v, deviation %v, want %v, %v", s.Mean(), s.StdDev(), mean, deviation)
	}
	for _, q := range testQuantiles {
		// Between two values either will do.
		rank := q * float64(n-1)
		low, high := sorted[int(rank)], sorted[int(math.Ceil(rank))]
		got := s.Quantile(q)
		if e := 1.0001 * SummaryAccuracy * math.Abs(got); got < low-e || got > high+e {
			t.Errorf("quantile %v: %v, want %v to %v", q, got, low, high)
		}
	}
	var sum uint64
	last := math.Inf(-1)
	s.Buckets(func(v float64, count uint64) bool {
		if v <= last || count == 0 {
			t.Errorf("bucket %v with %d after %v", v, count, last)
		}
		last, sum = v, sum+count
		return true
	})
	if sum != uint64(n) {
		t.Errorf("the buckets hold %d of %d", sum, n)
	}
}

func TestSummary(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	tests := map[string]func(i int) float64{
		"constant":         func(int) float64 { return 12.345 },
		"zero":             func(int) float64 { return 0 },
		"uniform":          func(int) float64 { return 1 + r.Float64() },
		"exponential":      func(int) float64 { return r.ExpFloat64() },
		"whole decades":    func(int) float64 { return math.Pow(10, 12*r.Float64()-3) },
		"around zero":      func(int) float64 { return math.Round(1000*r.NormFloat64()) / 1000 },
		"runs":             func(i int) float64 { return float64(i / 64 % 7) },
		"a clock behind":   func(int) float64 { return -3600e3 + r.Float64() },
		"microsecond step": func(i int) float64 { return float64(i%1000) / 1000 },
	}
	for name, value := range tests {
		t.Run(name, func(t *testing.T) {
			var whole, a, b Summary
			var values []float64
			for i := range 20000 {
				v := value(i)
				values = append(values, v)
				whole.Add(v)
				if i%3 == 0 {
					a.Add(v)
				} else {
					b.AddN(v, 1)
				}
			}
			checkSummary(t, &whole, values)
			before := b.Copy()
			a.Merge(&b)
			checkSummary(t, &a, values)
			b.Add(1e9)
			if before.Count()+1 != b.Count() || a.Count() != uint64(len(values)) {
				t.Error("copies share something")
			}
		})
	}
}

func TestSummaryEmpty(t *testing.T) {
	var s, o Summary
	s.Add(math.NaN())
	s.Add(math.Inf(1))
	s.AddN(math.Inf(-1), 3)
	s.AddN(7, 0)
	s.Merge(&o)
	for _, v := range []float64{s.Mean(), s.Min(), s.Max(), s.StdDev(), s.Quantile(0.5)} {
		if !math.IsNaN(v) {
			t.Errorf("%v of nothing", v)
		}
	}
	s.Buckets(func(float64, uint64) bool { t.Error("a bucket of nothing"); return true })
	if s.Count() != 0 {
		t.Errorf("count %d", s.Count())
	}
	s.Add(3)
	for _, q := range []float64{-0.1, 1.1, math.NaN()} {
		if !math.IsNaN(s.Quantile(q)) {
			t.Errorf("quantile %v is %v", q, s.Quantile(q))
		}
	}
	o.Merge(&s)
	if o.Count() != 1 || o.Quantile(0.5) != 3 {
		t.Errorf("merged %d, median %v", o.Count(), o.Quantile(0.5))
	}
}

// TestSummaryMemory: what fades away, and what spans everything, must not make
// buckets without end.
func TestSummaryMemory(t *testing.T) {
	var s Summary
	v := 1e15
	for range 200_000 {
		s.Add(v)
		s.Add(-v)
		if v *= 0.999; v < 1e-300 {
			v = 1e15
		}
	}
	n := 0
	s.Buckets(func(float64, uint64) bool { n++; return true })
	if n > 51_000 {
		t.Errorf("%d buckets", n)
	}
}
