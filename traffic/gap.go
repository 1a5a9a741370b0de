package traffic

import (
	"math"
	"math/big"
	"math/bits"
	"time"
)

// forever is later than every instant.
const forever time.Duration = math.MaxInt64

// gap is the time between frames of a constant rate, in nanoseconds and 2^-64
// parts of one: multiplied by the number of a frame it gives the frame's
// instant without anything adding up. After 10^9 frames that is off by less
// than 10^-10 ns from what the rate says.
type gap struct {
	whole    uint64
	fraction uint64
}

// newGap returns the gap of a rate in frames/s, at most MaxRate and at least
// MinRate.
func newGap(rate float64) gap {
	ns := new(big.Rat).SetFloat64(min(max(rate, MinRate), MaxRate))
	ns.Quo(big.NewRat(1e9, 1), ns)
	scaled := new(big.Int).Lsh(ns.Num(), 64)
	scaled.Quo(scaled, ns.Denom())
	low := new(big.Int).And(scaled, new(big.Int).SetUint64(math.MaxUint64))
	return gap{whole: scaled.Rsh(scaled, 64).Uint64(), fraction: low.Uint64()}
}

// instant returns when frame k goes out after frame 0, to the nearest
// nanosecond, or forever.
func (g gap) instant(k uint64) time.Duration {
	part, rest := bits.Mul64(k, g.fraction)
	over, ns := bits.Mul64(k, g.whole)
	ns, carry := bits.Add64(ns, part+rest>>63, 0)
	if over+carry != 0 || ns > math.MaxInt64 {
		return forever
	}
	return time.Duration(ns)
}

// before counts the frames whose instant is below d.
func (g gap) before(d time.Duration) uint64 {
	if d <= 0 {
		return 0
	}
	// A first guess, off by a few at most, since a gap is 100 ns or more.
	k := uint64(float64(d) / (float64(g.whole) + float64(g.fraction)/(1<<64)))
	for k > 0 && g.instant(k-1) >= d {
		k--
	}
	for g.instant(k) < d {
		k++
	}
	return k
}
