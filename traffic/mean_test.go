package traffic

import (
	"math"
	"testing"

	"netperfmeter/wire"
)

func TestMeanIsThatOfManyDraws(t *testing.T) {
	for _, text := range []string{"const100", "uniform10,30", "exp50", "pareto10,3", "normal100,20", "normal0,50", "truncnormal100,80"} {
		d, err := ParseDistribution(text)
		if err != nil {
			t.Fatal(err)
		}
		source, sum, n := NewSource(1), 0.0, 0
		for range 400_000 {
			if value := Draw(d, source); value > 0 {
				sum += value
				n++
			}
		}
		if got, drawn := Mean(d), sum/float64(n); math.Abs(got-drawn) > 0.02*drawn {
			t.Errorf("%s: mean %v, of many draws %v", text, got, drawn)
		}
	}
}

func TestBitRate(t *testing.T) {
	constant := func(v float64) wire.Distribution {
		return wire.Distribution{Kind: wire.Constant, Values: [4]float64{v}}
	}
	heavy := wire.Distribution{Kind: wire.Pareto, Values: [4]float64{100, 1}}
	for _, row := range []struct {
		name string
		d    Direction
		want float64
	}{
		{"planned", Direction{Rate: constant(10), Size: constant(1000)}, 80_000},
		{"idle", Direction{Rate: constant(10)}, 0},
		{"saturated", Direction{Size: constant(1000)}, math.Inf(1)},
		{"no frame is shorter than its header", Direction{Rate: constant(10), Size: constant(1)}, 10 * 48 * 8},
		{"sizes without a mean", Direction{Rate: constant(10), Size: heavy}, math.Inf(1)},
	} {
		if got := row.d.BitRate(); got != row.want {
			t.Errorf("%s: %v instead of %v", row.name, got, row.want)
		}
	}
}
