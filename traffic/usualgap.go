package traffic

import (
	"math"
	"time"

	"netperfmeter/wire"
)

// rareGap is the share of gaps of a Poisson process that may be longer than
// its usual one.
const rareGap = 1e-6

// UsualGap returns the longest time between two frames that the direction's
// rate makes by itself while it is on: 0 if it is saturated. Of a Poisson
// process it is one that a gap in a million exceeds. ok is false where there
// is none, because nothing is sent or gaps of any length are part of the plan.
func (d Direction) UsualGap() (gap time.Duration, ok bool) {
	least := d.Rate.Values[0] // of all rates
	switch d.Rate.Kind {
	case wire.Constant, wire.Pareto: // a Pareto value is never below its location
	case wire.Uniform:
		least = min(d.Rate.Values[0], d.Rate.Values[1])
	case Poisson:
		least /= -math.Log(rareGap)
	default:
		least = 0
	}
	switch {
	case d.Idle():
		return 0, false
	case d.Saturated():
		return 0, true
	case !(least >= MinRate):
		return 0, false
	}
	return time.Duration(1e9 / least), true
}

// Predictable tells whether an on/off list has no random times.
func Predictable(onoff []wire.Event) bool {
	for _, e := range onoff {
		if e.Time.Kind != wire.Constant {
			return false
		}
	}
	return true
}
