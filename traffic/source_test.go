package traffic

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"netperfmeter/wire"
)

func correlation(x, y []float64) float64 {
	mx, vx := moments(x)
	my, vy := moments(y)
	sum := 0.0
	for i := range x {
		sum += (x[i] - mx) * (y[i] - my)
	}
	return sum / float64(len(x)-1) / math.Sqrt(vx*vy)
}

// Every source is independent of all others: neighbouring flows, streams,
// seeds, the two directions, and the uses within one.
func TestSourcesAreIndependent(t *testing.T) {
	const n = 10_000
	const limit = 0.05 // five standard deviations of what chance gives
	type series struct {
		name string
		x    []float64
	}
	var all []series
	add := func(name string, r *rand.Rand) {
		x := make([]float64, n)
		for i := range x {
			x[i] = r.Float64()
		}
		all = append(all, series{name, x})
	}
	for _, seed := range []uint64{1, 2} {
		for flow := range wire.FlowID(2) {
			for stream := range wire.StreamID(2) {
				for _, outgoing := range []bool{false, true} {
					s := NewSources(seed, flow, stream, outgoing)
					name := fmt.Sprintf("seed %d flow %d stream %d outgoing %v ", seed, flow, stream, outgoing)
					add(name+"rate", s.Rate)
					add(name+"size", s.Size)
					add(name+"on/off", s.OnOff)
				}
			}
		}
	}
	for i, a := range all {
		if c := correlation(a.x[:n-1], a.x[1:]); math.Abs(c) > limit {
			t.Errorf("%s: correlation %v with itself one later", a.name, c)
		}
		for _, b := range all[:i] {
			if c := correlation(a.x, b.x); math.Abs(c) > limit {
				t.Errorf("%s and %s: correlation %v", a.name, b.name, c)
			}
		}
	}
}

// The gaps of two flows and of the two directions of one, as planned.
func TestPlansAreIndependent(t *testing.T) {
	const n = 10_000
	gaps := func(flow wire.FlowID, outgoing bool) []float64 {
		p := NewPlan(Direction{dist(Poisson, 100), constant(1)}, nil, false, NewSources(seed, flow, 0, outgoing))
		x := make([]float64, n)
		last, _ := p.Next()
		for i := range x {
			f, _ := p.Next()
			x[i] = (f.At - last.At).Seconds()
			last = f
		}
		return x
	}
	a, b, c := gaps(0, true), gaps(0, false), gaps(1, true)
	for name, r := range map[string]float64{"directions": correlation(a, b), "flows": correlation(a, c)} {
		if math.Abs(r) > 0.05 {
			t.Errorf("%s: correlation %v", name, r)
		}
	}
}

func TestSourceDependsOnAllOfItsParts(t *testing.T) {
	seen := map[uint64]string{}
	for _, part := range [][]uint64{{}, {0}, {0, 0}, {1}, {0, 1}, {1, 0}, {0, 0, 0}} {
		name := fmt.Sprint(part)
		x := NewSource(5, part...).Uint64()
		if other, ok := seen[x]; ok {
			t.Errorf("%s and %s have the same source", name, other)
		}
		seen[x] = name
		if NewSource(5, part...).Uint64() != x {
			t.Errorf("%s: not repeatable", name)
		}
		if NewSource(6, part...).Uint64() == x {
			t.Errorf("%s: the seed does not count", name)
		}
	}
}
