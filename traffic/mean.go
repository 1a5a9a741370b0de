package traffic

import (
	"math"

	"netperfmeter/wire"
)

// BitRate is how many bits per second of messages the direction comes to at
// most, in the long run and while it is on: infinite if it is saturated or its
// sizes have no mean, 0 if it is idle.
//
// The time between two frames is the reciprocal of a drawn rate, and by
// Jensen's inequality the mean of that is no less than the reciprocal of the
// mean: the product of the two means is an upper bound.
func (d Direction) BitRate() float64 {
	switch {
	case d.Idle():
		return 0
	case d.Saturated():
		return math.Inf(1)
	}
	return 8 * Mean(d.Rate) * max(Mean(d.Size), wire.DataHeaderSize)
}

// Mean is the mean of what a distribution gives without its values below 0:
// infinite if it has none.
func Mean(d wire.Distribution) float64 {
	v := d.Values
	switch d.Kind {
	case wire.Uniform:
		return (v[0] + v[1]) / 2
	case wire.Pareto:
		if v[1] <= 1 {
			return math.Inf(1)
		}
		return v[0] * v[1] / (v[1] - 1)
	case wire.Normal, wire.TruncNormal:
		return positiveNormalMean(v[0], v[1])
	}
	return v[0] // constant, exponential, Poisson
}

// positiveNormalMean is the mean of a normal distribution that is truncated to
// positive values: mu + sigma phi(a) / Phi(a), a = mu / sigma. (N. L. Johnson,
// S. Kotz, N. Balakrishnan: Continuous Univariate Distributions, volume 1,
// 13.10.1.)
func positiveNormalMean(mu, sigma float64) float64 {
	if sigma == 0 {
		return max(mu, 0)
	}
	a := mu / sigma
	density := math.Exp(-a*a/2) / math.Sqrt(2*math.Pi)
	above := math.Erfc(-a/math.Sqrt2) / 2
	if above == 0 {
		return math.Inf(1) // so far below 0 that this cannot be computed
	}
	return mu + sigma*density/above
}
