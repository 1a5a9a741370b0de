package traffic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"netperfmeter/wire"
)

// shape is what theory says of a distribution.
type shape struct {
	d        wire.Distribution
	mean     float64
	variance float64
	cdf      func(x float64) float64 // P(X <= x)
}

func normalCDF(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

func uniformShape(a, b float64) shape {
	return shape{dist(wire.Uniform, a, b), (a + b) / 2, (b - a) * (b - a) / 12,
		func(x float64) float64 { return min(max((x-a)/(b-a), 0), 1) }}
}

func expShape(mean float64) shape {
	return shape{dist(wire.Exponential, mean), mean, mean * mean,
		func(x float64) float64 { return 1 - math.Exp(-max(x, 0)/mean) }}
}

func paretoShape(l, s float64) shape {
	mean, variance := math.NaN(), math.NaN() // there may be none
	if s > 2 {
		mean, variance = s*l/(s-1), l*l*s/((s-1)*(s-1)*(s-2))
	}
	return shape{dist(wire.Pareto, l, s), mean, variance,
		func(x float64) float64 { return 1 - math.Pow(l/max(x, l), s) }}
}

func normalShape(mean, sd float64) shape {
	return shape{dist(wire.Normal, mean, sd), mean, sd * sd,
		func(x float64) float64 { return normalCDF((x - mean) / sd) }}
}

// truncated at 0: density of the normal distribution over the part above.
func truncShape(mean, sd float64) shape {
	a := -mean / sd
	above := 1 - normalCDF(a)
	l := math.Exp(-a*a/2) / math.Sqrt(2*math.Pi) / above
	return shape{dist(wire.TruncNormal, mean, sd), mean + sd*l, sd * sd * (1 + a*l - l*l),
		func(x float64) float64 { return max(normalCDF((x-mean)/sd)-normalCDF(a), 0) / above }}
}

func shapes() []shape {
	return []shape{
		uniformShape(500, 25000), uniformShape(0, 10), uniformShape(-500, 2500),
		expShape(20), expShape(1000),
		paretoShape(500, 1.5), paretoShape(100, 12),
		normalShape(400, 50), normalShape(0, 3000),
		truncShape(400, 50), truncShape(0, 3000), truncShape(100, 1000),
	}
}

const seed = 20260101

func draws(n int, draw func(*rand.Rand) float64) []float64 {
	r := NewSource(seed)
	x := make([]float64, n)
	for i := range x {
		x[i] = draw(r)
	}
	return x
}

func moments(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return mean, variance
}

func TestDrawMoments(t *testing.T) {
	const n = 100_000
	check := func(name string, x []float64, mean, variance float64) {
		m, v := moments(x)
		if tolerance := 4 * math.Sqrt(variance/n); math.Abs(m-mean) > tolerance {
			t.Errorf("%s: mean %v, want %v +- %v", name, m, mean, tolerance)
		}
		if math.Abs(v/variance-1) > 0.04 {
			t.Errorf("%s: variance %v, want %v", name, v, variance)
		}
	}
	for _, s := range shapes() {
		if !math.IsNaN(s.mean) {
			x := draws(n, func(r *rand.Rand) float64 { return Draw(s.d, r) })
			check(FormatDistribution(s.d), x, s.mean, s.variance)
		}
	}
	gaps := draws(n, func(r *rand.Rand) float64 { return drawGap(dist(Poisson, 50), r).Seconds() })
	check("gaps of poisson50", gaps, 1./50, 1./2500)
}

// distance is the Kolmogorov-Smirnov distance of a sample from a distribution;
// below is P(X < x).
func distance(x []float64, cdf, below func(float64) float64) float64 {
	slices.Sort(x)
	n, d := float64(len(x)), 0.0
	for i := 0; i < len(x); {
		j := i
		for j < len(x) && x[j] == x[i] {
			j++
		}
		d = max(d, math.Abs(float64(j)/n-cdf(x[i])), math.Abs(float64(i)/n-below(x[i])))
		i = j
	}
	return d
}

// One of a hundred samples of that many draws of the right distribution is
// farther from it than maxDistance; those of the fixed seed are not.
const (
	maxDistance   = 0.016
	distanceDraws = 10_000
)

func TestSizesHaveTheirDistribution(t *testing.T) {
	for _, s := range shapes() {
		x := draws(distanceDraws, func(r *rand.Rand) float64 { return float64(drawSize(s.d, r)) })
		// What is drawn below 0 is 0; all others go to the nearest byte.
		cdf := func(v float64) float64 { return s.cdf(v + 0.5) }
		below := func(v float64) float64 {
			if v == 0 {
				return 0
			}
			return s.cdf(v - 0.5)
		}
		if d := distance(x, cdf, below); d > maxDistance {
			t.Errorf("%s: distance %v", FormatDistribution(s.d), d)
		}
	}
}

func TestGapsHaveTheirDistribution(t *testing.T) {
	gapShapes := []shape{
		{dist(Poisson, 20), 0, 0, func(g float64) float64 { return 1 - math.Exp(-20*g) }},
		{dist(Poisson, 1e6), 0, 0, func(g float64) float64 { return 1 - math.Exp(-1e6*(g+0.5e-9)) }},
	}
	for _, s := range shapes() {
		// gap <= g means rate >= 1/g, of the rates above 0.
		atZero := s.cdf(0)
		gapShapes = append(gapShapes, shape{s.d, 0, 0, func(g float64) float64 {
			if g <= 0 {
				return 0
			}
			return (1 - s.cdf(1/g)) / (1 - atZero)
		}})
	}
	for _, s := range gapShapes {
		x := draws(distanceDraws, func(r *rand.Rand) float64 { return drawGap(s.d, r).Seconds() })
		below := func(g float64) float64 { return s.cdf(g - 1e-9) }
		if d := distance(x, s.cdf, below); d > maxDistance {
			t.Errorf("%s: distance %v", FormatDistribution(s.d), d)
		}
	}
}

func TestConstants(t *testing.T) {
	r := NewSource(seed)
	for _, d := range []wire.Distribution{dist(wire.Constant, 8), dist(wire.Uniform, 8, 8), dist(wire.Normal, 8, 0), dist(wire.TruncNormal, 8, 0)} {
		for range 100 {
			if size, gap := drawSize(d, r), drawGap(d, r); size != 8 || gap != 125*time.Millisecond {
				t.Errorf("%s: size %d, gap %v", FormatDistribution(d), size, gap)
			}
		}
	}
}

func TestDrawsStayWithinTheLimits(t *testing.T) {
	r := NewSource(seed)
	for _, d := range []wire.Distribution{
		dist(wire.Uniform, 0, 1e-6), dist(wire.Exponential, 1e7), dist(wire.Pareto, 1e7, 1e-3), dist(wire.Pareto, 1e-6, 1e-300),
		dist(wire.Normal, 0, 1e7), dist(wire.TruncNormal, 0, 1e-6), dist(Poisson, 1e-6), dist(Poisson, 1e7),
		dist(wire.Normal, 0, 0), dist(wire.Uniform, -1, 0), // can give no rate
	} {
		for range 10_000 {
			low := 100 * time.Nanosecond
			if d.Kind == Poisson {
				low = 0
			}
			if gap := drawGap(d, r); gap < low || gap > MaxGap*time.Second {
				t.Fatalf("%s: gap %v", FormatDistribution(d), gap)
			}
			if size := drawSize(d, r); size < 0 || size > MaxFrameSize {
				t.Fatalf("%s: size %d", FormatDistribution(d), size)
			}
			if at := drawTime(d, r); at < 0 || at > MaxEventTime*time.Second {
				t.Fatalf("%s: time %v", FormatDistribution(d), at)
			}
		}
	}
	if x := Draw(dist(wire.TruncNormal, -100, 1), r); x != 0 {
		t.Errorf("a truncated normal distribution without values above 0 gives %v", x)
	}
}

// The upper end is not part of a uniform range, not even by rounding.
func TestUniformLeavesItsUpperEndOut(t *testing.T) {
	r := NewSource(seed)
	high := math.Nextafter(1, 2)
	for range 1000 {
		if x := Draw(dist(wire.Uniform, 1, high), r); x != 1 {
			t.Fatalf("drew %v", x)
		}
	}
}

// Frames of a Poisson process in equal spans of time have a count whose
// variance is its mean.
func TestPoissonCounts(t *testing.T) {
	p := NewPlan(Direction{dist(Poisson, 100), constant(1)}, nil, false, NewSources(seed, 0, 0, true))
	counts := make([]float64, 10_000)
	for i := range counts {
		counts[i] = float64(p.Skip(time.Duration(i+1) * 100 * time.Millisecond))
	}
	mean, variance := moments(counts)
	if math.Abs(mean-10) > 0.15 || math.Abs(variance/mean-1) > 0.06 {
		t.Errorf("mean %v, variance %v, want 10 and 10", mean, variance)
	}
}
