package traffic

import (
	"math"
	"math/rand/v2"
	"time"

	"netperfmeter/wire"
)

// maxRedraws bounds how often a value that cannot be used is drawn again. The
// distributions that CheckRate lets through give a usable one every second
// time or more often.
const maxRedraws = 100

// Draw takes one value of the distribution d, without rounding it or cutting
// it down to limits. It allocates nothing. For Poisson the value is the rate
// whose reciprocal is the gap, as for all rates.
func Draw(d wire.Distribution, r *rand.Rand) float64 {
	a, b := d.Values[0], d.Values[1]
	switch d.Kind {
	case wire.Uniform:
		return drawUniform(a, b, r)
	case wire.Exponential:
		return a * r.ExpFloat64()
	case wire.Pareto:
		// The inverse of the distribution function 1 - (a/x)^b, of a uniform
		// value in (0, 1].
		return a * math.Pow(1-r.Float64(), -1/b)
	case wire.Normal:
		return a + b*r.NormFloat64()
	case wire.TruncNormal:
		for range maxRedraws {
			if x := a + b*r.NormFloat64(); x >= 0 {
				return x
			}
		}
		return 0
	case Poisson:
		return a / r.ExpFloat64()
	}
	return a
}

// drawUniform keeps the upper end out, which rounding might reach.
func drawUniform(a, b float64, r *rand.Rand) float64 {
	x := a + (b-a)*r.Float64()
	if x >= b && a < b {
		x = math.Nextafter(b, a)
	}
	return x
}

// drawGap takes the time between two frames: 1 / rate. A rate of 0 or less has
// no such time and is drawn again, at most maxRedraws times; MaxGap then. Rates
// above MaxRate count as MaxRate, except that two frames of a Poisson process
// may come as close together as they like.
func drawGap(d wire.Distribution, r *rand.Rand) time.Duration {
	if d.Kind == Poisson {
		return seconds(min(r.ExpFloat64()/d.Values[0], MaxGap))
	}
	for range maxRedraws {
		if rate := Draw(d, r); rate > 0 {
			return seconds(min(1/min(rate, MaxRate), MaxGap))
		}
	}
	return seconds(MaxGap)
}

// drawSize takes the size of a frame: whole bytes, 0 to MaxFrameSize.
func drawSize(d wire.Distribution, r *rand.Rand) int {
	return int(math.Round(min(max(Draw(d, r), 0), MaxFrameSize)))
}

// drawTime takes a time of an on/off list, 0 to MaxEventTime.
func drawTime(d wire.Distribution, r *rand.Rand) time.Duration {
	return seconds(min(max(Draw(d, r), 0), MaxEventTime))
}

// seconds converts to the nearest nanosecond. What it is given is limited.
func seconds(s float64) time.Duration { return time.Duration(math.Round(s * 1e9)) }
