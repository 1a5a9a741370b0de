package traffic

import (
	"fmt"

	"netperfmeter/wire"
)

// minRepeatOn is how long, in seconds, a repeated list must be on in each
// round, by the typical size of its draws. Each round sends a frame, and one
// that is never on would be searched for the next frame for ever.
const minRepeatOn = 1e-6

// CheckEvents says whether an on/off list is right: times that can be, all of
// them relative and of an even number if it is repeated, and then on for some
// time. An empty list is. The error is a *SpecError without Flow.
func CheckEvents(events []wire.Event, repeat bool) error {
	if len(events) > wire.MaxEvents {
		return &SpecError{
			Part:     fmt.Sprintf("list of %d entries", len(events)),
			Expected: fmt.Sprintf("at most %d", wire.MaxEvents),
		}
	}
	on := 0.0
	for i, e := range events {
		expected := timeProblem(e.Time)
		if expected == "" && repeat && !e.Relative {
			expected = "a relative time, +" + formatEvent(e) + ": a list with repeat has no others"
		}
		if expected != "" {
			return &SpecError{Part: entryName(i, formatEvent(e)), Expected: expected}
		}
		if i%2 == 1 {
			on += typical(e.Time)
		}
	}
	switch {
	case !repeat || len(events) == 0:
		return nil
	case len(events)%2 != 0:
		return &SpecError{
			Part:     fmt.Sprintf("repeat after an odd number of entries (%d)", len(events)),
			Expected: "an even number: the last one turns the flow off",
		}
	case on < minRepeatOn:
		return &SpecError{Part: "repeat", Expected: "a list that is on for at least 0.000001 s in each round"}
	}
	return nil
}

func entryName(i int, text string) string { return fmt.Sprintf("entry %d %q", i+1, text) }

func timeProblem(d wire.Distribution) string {
	if d.Kind == Poisson {
		return "a time: poisson<rate> is for rates only"
	}
	return upperProblem(d, MaxEventTime, "time", timeLimit)
}

// typical returns a value that a good part of all draws exceeds half of.
// (Not the mean: a Pareto distribution may have none.)
func typical(d wire.Distribution) float64 {
	switch d.Kind {
	case wire.Uniform:
		return d.Values[1] / 2
	case wire.Normal, wire.TruncNormal:
		return max(d.Values[0], d.Values[1])
	}
	return d.Values[0]
}
