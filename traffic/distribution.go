package traffic

import (
	"fmt"
	"strconv"
	"strings"

	"netperfmeter/wire"
)

// Poisson, for rates only, makes frames a Poisson process: the gaps are
// exponential with the mean 1 / Values[0]. (A rate with wire.Exponential is
// exponential itself, and the gap is 1 / rate.) It is this program's own: it
// must not get into an ADD_FLOW message.
const Poisson wire.DistributionKind = 0x80

// forms lists how distributions are written. A bare number is a constant.
var forms = [...]struct {
	name       string
	kind       wire.DistributionKind
	parameters int
	text       string
}{
	{"const", wire.Constant, 1, "const<v>"},
	{"uniform", wire.Uniform, 2, "uniform<a>,<b>"},
	{"exp", wire.Exponential, 1, "exp<mean>"},
	{"pareto", wire.Pareto, 2, "pareto<location>,<shape>"},
	{"normal", wire.Normal, 2, "normal<mean>,<stddev>"},
	{"truncnormal", wire.TruncNormal, 2, "truncnormal<mean>,<stddev>"},
	{"poisson", Poisson, 1, "poisson<rate>"},
}

const (
	sizeForms = "const<v>, uniform<a>,<b>, exp<mean>, pareto<location>,<shape>, normal<mean>,<stddev> or truncnormal<mean>,<stddev>"
	rateForms = "const<v>, uniform<a>,<b>, exp<mean>, pareto<location>,<shape>, normal<mean>,<stddev>, truncnormal<mean>,<stddev> or poisson<rate>"
)

// ParseDistribution reads one value of a FLOWSPEC: one of the forms, or a bare
// number for a constant. Its parameters are finite and not negative; whether
// they make sense as a rate, a size or a time is for CheckRate, CheckSize and
// CheckEvents to say. The error is a *SpecError without Flow.
func ParseDistribution(text string) (wire.Distribution, error) {
	d, expected := parseDistribution(text)
	if expected != "" {
		return wire.Distribution{}, &SpecError{Part: strconv.Quote(text), Expected: expected}
	}
	return d, nil
}

// parseDistribution returns what was expected instead, or "".
func parseDistribution(text string) (d wire.Distribution, expected string) {
	if v, ok := parseNumber(text); ok {
		return constant(v), ""
	}
	for _, form := range &forms {
		rest, ok := strings.CutPrefix(text, form.name)
		if !ok {
			continue
		}
		d.Kind = form.kind
		numbers := strings.Split(rest, ",")
		for i, number := range numbers {
			v, ok := parseNumber(number)
			if !ok || len(numbers) != form.parameters {
				return d, form.text + " with " + numerals[form.parameters] + " >= 0"
			}
			d.Values[i] = v
		}
		return d, parameterProblem(d)
	}
	return d, rateForms
}

var numerals = [...]string{1: "a number", 2: "two numbers"}

func constant(v float64) wire.Distribution {
	return wire.Distribution{Kind: wire.Constant, Values: [4]float64{v}}
}

// FormatDistribution writes a distribution as ParseDistribution reads it; one of
// an unknown kind as its number.
func FormatDistribution(d wire.Distribution) string {
	for _, form := range &forms {
		if form.kind == d.Kind {
			text := form.name + formatNumber(d.Values[0])
			if form.parameters == 2 {
				text += "," + formatNumber(d.Values[1])
			}
			return text
		}
	}
	return fmt.Sprintf("distribution %d", d.Kind)
}

// parseNumber takes decimal numbers >= 0, but nothing else of what Go reads:
// no sign in front (it is the mark of a relative time), no infinity, no
// hexadecimal digits.
func parseNumber(text string) (float64, bool) {
	if text == "" || strings.ContainsAny(text[:1], "+-eE") || strings.Trim(text, "0123456789.eE+-") != "" {
		return 0, false
	}
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil
}

// formatNumber writes the shortest text that reads back as the same number.
func formatNumber(v float64) string {
	if a := max(v, -v); a != 0 && (a < 1e-6 || a >= 1e15) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}
