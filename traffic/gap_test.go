package traffic

import (
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

var gapRates = []float64{1e-6, 0.1, 1.0 / 3, 1, 3, 7, 24.97, 29.97, 500, 1000, 5000, 20000, 44100, 50000, 123456.789, 1e6 / 3.0, 1e7}

// The instant of a frame is the exact one, rounded to the nanosecond, however
// many frames went before it.
func TestGapDoesNotDrift(t *testing.T) {
	for _, rate := range gapRates {
		g := newGap(rate)
		for _, k := range []uint64{0, 1, 2, 3, 1000, 999_999_999, 1_000_000_000, 1_000_000_007, 1e12} {
			exact := new(big.Rat).SetFloat64(rate)
			exact.Quo(new(big.Rat).SetInt(new(big.Int).SetUint64(k*1e3)), exact)
			exact.Mul(exact, big.NewRat(1e6, 1)) // ns
			got := g.instant(k)
			if exact.Cmp(new(big.Rat).SetInt64(int64(forever))) >= 0 {
				if got != forever {
					t.Errorf("rate %v, frame %d: %v, want forever", rate, k, got)
				}
				continue
			}
			off, _ := new(big.Rat).Sub(exact, new(big.Rat).SetInt64(int64(got))).Float64()
			if off > 0.5000001 || off < -0.5000001 {
				t.Errorf("rate %v, frame %d: at %d ns, off by %v ns", rate, k, got, off)
			}
		}
	}
}

func TestGapCountsFramesBefore(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, rate := range gapRates {
		g := newGap(rate)
		instants := []time.Duration{-5, 0, 1, time.Second, time.Hour, forever - 1, forever}
		for range 200 {
			d := g.instant(r.Uint64N(1e10))
			instants = append(instants, d, d-1, min(d, forever-1)+1)
		}
		for _, d := range instants {
			k := g.before(d)
			if k > 0 && g.instant(k-1) >= d || d > 0 && g.instant(k) < d || d <= 0 && k != 0 {
				t.Fatalf("rate %v: %d frames before %d ns, but frame %d is at %d", rate, k, d, k, g.instant(k))
			}
		}
	}
}

func TestGapKeepsToTheLimits(t *testing.T) {
	for _, rate := range []float64{0, 1e-300, 1e-7} {
		if got := newGap(rate).instant(1); got != MaxGap*time.Second {
			t.Errorf("rate %v: gap %v", rate, got)
		}
	}
	if got := newGap(1e300).instant(1); got != 100 {
		t.Errorf("rate 1e300: gap %v", got)
	}
}
