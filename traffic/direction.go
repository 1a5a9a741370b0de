package traffic

import (
	"strconv"

	"netperfmeter/wire"
)

// Direction is the traffic of one direction of a flow.
type Direction struct {
	Rate wire.Distribution // frames/s
	Size wire.Distribution // bytes per frame
}

// Idle tells whether nothing is sent: no frame is ever larger than 0 bytes.
func (d Direction) Idle() bool {
	v := d.Size.Values
	// Sizes are rounded, and a uniform one stays below its upper end.
	switch d.Size.Kind {
	case wire.Uniform:
		return v[1] <= 0.5 && v[0] < 0.5
	case wire.Normal, wire.TruncNormal:
		return v[0] < 0.5 && v[1] == 0
	case wire.Exponential:
		return v[0] == 0
	case wire.Pareto:
		return false
	}
	return v[0] < 0.5
}

// Saturated tells whether frames are sent as fast as the transport takes them.
func (d Direction) Saturated() bool {
	return d.Rate.Kind == wire.Constant && d.Rate.Values[0] == 0 && !d.Idle()
}

// String writes the direction as a FLOWSPEC has it, rate:size.
func (d Direction) String() string {
	return FormatDistribution(d.Rate) + ":" + FormatDistribution(d.Size)
}

// Check says whether the direction is one that can be sent: the size passes
// CheckSize, and the rate CheckRate unless nothing is sent at all.
func (d Direction) Check() error {
	parts := [...]wire.Distribution{d.Rate, d.Size}
	if i, expected := d.problem(); expected != "" {
		part := [...]string{"rate ", "size "}[i] + strconv.Quote(FormatDistribution(parts[i]))
		return &SpecError{Part: part, Expected: expected}
	}
	return nil
}

// problem returns what was expected, or "", of the rate (0) or the size (1).
func (d Direction) problem() (part int, expected string) {
	if expected := sizeProblem(d.Size); expected != "" {
		return 1, expected
	}
	if d.Idle() {
		return 0, ""
	}
	return 0, rateProblem(d.Rate)
}
