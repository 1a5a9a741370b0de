package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// distributionParameters is how many doubles travel for each distribution,
// used or not.
const distributionParameters = 4

// valuesSize is what the doubles of a distribution take on the wire.
const valuesSize = distributionParameters * 8

// ErrLegacyDistribution is ToLegacy's error.
var ErrLegacyDistribution = errors.New("a 1.9.x peer knows no normal distribution")

// check says what is wrong with a distribution, in the words of an Error's
// Problem, or "". All four parameters have to be finite and not negative, the
// unused ones too: nobody has reason to send anything else there. Whether the
// distribution makes sense as a rate or a size is not asked here.
func (d Distribution) check() string {
	if d.Kind > TruncNormal {
		return fmt.Sprintf("has the unknown distribution %d, expected 0 to %d", d.Kind, TruncNormal)
	}
	for i, v := range d.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return fmt.Sprintf("has %v as parameter %d, expected a finite number >= 0", v, i+1)
		}
	}
	return ""
}

func getValues(b []byte) (v [distributionParameters]float64) {
	for i := range v {
		v[i] = math.Float64frombits(binary.BigEndian.Uint64(b[8*i:]))
	}
	return v
}

func putValues(b []byte, v [distributionParameters]float64) {
	for i := range v {
		binary.BigEndian.PutUint64(b[8*i:], math.Float64bits(v[i]))
	}
}

// FromLegacy translates a distribution that a 1.9.x sent. Its uniform(m, f)
// means m*(1-f) <= x < m*(1+f); all others mean the same. The lower bound is
// negative if f > 1: whoever takes the result checks it as a new one.
func (d Distribution) FromLegacy() Distribution {
	if d.Kind == Uniform {
		middle, fraction := d.Values[0], d.Values[1]
		d.Values[0] = middle * (1 - fraction)
		d.Values[1] = middle * (1 + fraction)
	}
	return d
}

// ToLegacy translates a distribution for a 1.9.x, which has another uniform
// and aborts on a normal distribution: ErrLegacyDistribution here.
func (d Distribution) ToLegacy() (Distribution, error) {
	switch d.Kind {
	case Normal, TruncNormal:
		return d, ErrLegacyDistribution
	case Uniform:
		low, high := d.Values[0], d.Values[1]
		d.Values[0] = (low + high) / 2
		d.Values[1] = 0
		if low+high > 0 {
			d.Values[1] = (high - low) / (high + low)
		}
	}
	return d, nil
}
