package traffic

import (
	"math"
	"strconv"

	"netperfmeter/wire"
)

// Limits of what a flow may ask for. Draws of distributions without an upper
// end that go beyond them are cut down to them.
const (
	MaxRate      = 1e7     // frames/s
	MinRate      = 1e-6    // frames/s, one in MaxGap
	MaxGap       = 1e6     // s between two frames
	MaxFrameSize = 1 << 30 // bytes
	MaxEventTime = 1e9     // s, for each entry of an on/off list
)

// The same, for messages.
const (
	rateLimits = "0.000001 to 10000000 frames/s"
	sizeLimit  = "1073741824 bytes"
	timeLimit  = "1000000000 s"
)

// CheckRate says whether a distribution can be one of frame rates: its
// parameters are right, it gives a positive rate (or is the constant 0,
// saturated), and it stays within the limits as far as its parameters tell. The
// error is a *SpecError without Flow.
func CheckRate(d wire.Distribution) error { return problemOf(d, rateProblem(d)) }

// CheckSize says the same of a distribution of frame sizes. One that never
// gives a byte is right: nothing is sent then.
func CheckSize(d wire.Distribution) error { return problemOf(d, sizeProblem(d)) }

func problemOf(d wire.Distribution, expected string) error {
	if expected == "" {
		return nil
	}
	return &SpecError{Part: strconv.Quote(FormatDistribution(d)), Expected: expected}
}

func rateProblem(d wire.Distribution) string {
	if expected := parameterProblem(d); expected != "" {
		return expected
	}
	within := func(v float64) bool { return v >= MinRate && v <= MaxRate }
	v := d.Values
	switch d.Kind {
	case wire.Constant:
		if v[0] != 0 && !within(v[0]) {
			return "a rate of 0 (as fast as the transport takes it) or " + rateLimits
		}
	case wire.Uniform:
		if !within(v[1]) {
			return "an upper end of " + rateLimits
		}
	case wire.Exponential, Poisson:
		if !within(v[0]) {
			return "a mean rate of " + rateLimits
		}
	case wire.Pareto:
		if !within(v[0]) {
			return "a location of " + rateLimits
		}
	case wire.Normal, wire.TruncNormal:
		if !within(max(v[0], v[1])) {
			return "a mean or a standard deviation of " + rateLimits + ", and none above"
		}
	}
	return ""
}

func sizeProblem(d wire.Distribution) string {
	if d.Kind == Poisson {
		return "a size: poisson<rate> is for rates only"
	}
	return upperProblem(d, MaxFrameSize, "size", sizeLimit)
}

// upperProblem is for what may be as small as it likes.
func upperProblem(d wire.Distribution, most float64, what, limit string) string {
	if expected := parameterProblem(d); expected != "" {
		return expected
	}
	v, part := d.Values[0], "a "+what
	switch d.Kind {
	case wire.Uniform:
		v, part = d.Values[1], "an upper end"
	case wire.Exponential:
		part = "a mean " + what
	case wire.Pareto:
		part = "a location"
	case wire.Normal, wire.TruncNormal:
		v, part = max(v, d.Values[1]), "a mean and a standard deviation"
	}
	if v > most {
		return part + " of at most " + limit
	}
	return ""
}

// parameterProblem says what is wrong with the parameters whatever they are
// for. The lower end of a uniform distribution may be negative if no more than
// half of the draws are: the form that 1.9.x uses comes to that.
func parameterProblem(d wire.Distribution) string {
	for _, form := range &forms {
		if form.kind != d.Kind {
			continue
		}
		for i, v := range d.Values[:form.parameters] {
			low := 0.0
			if d.Kind == wire.Uniform && i == 0 {
				low = -d.Values[1]
			}
			if !(v >= low) || math.IsInf(v, 0) {
				return form.text + " with " + numerals[form.parameters] + " >= 0"
			}
		}
		switch {
		case d.Kind == wire.Uniform && d.Values[1] < d.Values[0]:
			return uniformProblem(d.Values[0], d.Values[1])
		case d.Kind == wire.Pareto && (d.Values[0] == 0 || d.Values[1] == 0):
			return form.text + " with two numbers > 0"
		}
		return ""
	}
	return "a known distribution"
}

// uniformProblem knows where a falling range comes from: up to 1.9.x the
// second number was a fraction of the first.
func uniformProblem(a, b float64) string {
	text := "uniform<a>,<b> with a <= b; up to 1.9.x it meant a x (1 - b) to a x (1 + b)"
	if b <= 1 {
		text += ", now written uniform" + roundNumber(a*(1-b)) + "," + roundNumber(a*(1+b))
	}
	return text
}

// roundNumber drops the digits that binary arithmetic adds.
func roundNumber(v float64) string {
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	return formatNumber(v)
}
