package traffic

import (
	"errors"
	"math"
	"strconv"
	"testing"

	"netperfmeter/wire"
)

var nan, inf = math.NaN(), math.Inf(1)

// checkAll compares the errors of a check with the words expected in them, ""
// for none.
func checkAll(t *testing.T, check func(wire.Distribution) error, tests []checkTest) {
	t.Helper()
	for _, tt := range tests {
		err := check(tt.d)
		if tt.expected == "" {
			if err != nil {
				t.Errorf("%s: %v", FormatDistribution(tt.d), err)
			}
			continue
		}
		want := strconv.Quote(FormatDistribution(tt.d)) + ": expected " + tt.expected
		var wrong *SpecError
		if !errors.As(err, &wrong) || err.Error() != want {
			t.Errorf("%s: error %v, want %s", FormatDistribution(tt.d), err, want)
		}
	}
}

type checkTest struct {
	d        wire.Distribution
	expected string
}

func TestCheckRate(t *testing.T) {
	const constLimits = "a rate of 0 (as fast as the transport takes it) or 0.000001 to 10000000 frames/s"
	checkAll(t, CheckRate, []checkTest{
		{dist(wire.Constant, 0), ""},
		{dist(wire.Constant, 1e-6), ""},
		{dist(wire.Constant, 1e7), ""},
		{dist(wire.Constant, 1.0000001e7), constLimits},
		{dist(wire.Constant, 9e-7), constLimits},
		{dist(wire.Constant, -1), "const<v> with a number >= 0"},
		{dist(wire.Constant, nan), "const<v> with a number >= 0"},
		{dist(wire.Constant, inf), "const<v> with a number >= 0"},
		{dist(wire.Constant, 5, nan), ""}, // not a parameter
		{dist(wire.Uniform, 0, 10), ""},
		{dist(wire.Uniform, 5, 5), ""},
		{dist(wire.Uniform, -5, 25), ""}, // what uniform10,1.5 of 1.9.x comes to
		{dist(wire.Uniform, -25, 5), "uniform<a>,<b> with two numbers >= 0"},
		{dist(wire.Uniform, -1, -2), "uniform<a>,<b> with two numbers >= 0"},
		{dist(wire.Uniform, 0, nan), "uniform<a>,<b> with two numbers >= 0"},
		{dist(wire.Uniform, nan, 5), "uniform<a>,<b> with two numbers >= 0"},
		{dist(wire.Uniform, 0, inf), "uniform<a>,<b> with two numbers >= 0"},
		{dist(wire.Uniform, 0, 0), "an upper end of 0.000001 to 10000000 frames/s"},
		{dist(wire.Uniform, 1, 2e7), "an upper end of 0.000001 to 10000000 frames/s"},
		{dist(wire.Uniform, 3, 2), "uniform<a>,<b> with a <= b; up to 1.9.x it meant a x (1 - b) to a x (1 + b)"},
		{dist(wire.Exponential, 20), ""},
		{dist(wire.Exponential, 0), "a mean rate of 0.000001 to 10000000 frames/s"},
		{dist(wire.Exponential, 2e7), "a mean rate of 0.000001 to 10000000 frames/s"},
		{dist(wire.Pareto, 5, 2), ""},
		{dist(wire.Pareto, 5, 1e-300), ""},
		{dist(wire.Pareto, 2e7, 2), "a location of 0.000001 to 10000000 frames/s"},
		{dist(wire.Pareto, 1e-9, 2), "a location of 0.000001 to 10000000 frames/s"},
		{dist(wire.Pareto, 0, 2), "pareto<location>,<shape> with two numbers > 0"},
		{dist(wire.Pareto, 5, 0), "pareto<location>,<shape> with two numbers > 0"},
		{dist(wire.Normal, 400, 50), ""},
		{dist(wire.Normal, 0, 50), ""},
		{dist(wire.Normal, 400, 0), ""},
		{dist(wire.Normal, 0, 0), "a mean or a standard deviation of 0.000001 to 10000000 frames/s, and none above"},
		{dist(wire.Normal, 1, 1e8), "a mean or a standard deviation of 0.000001 to 10000000 frames/s, and none above"},
		{dist(wire.TruncNormal, 1e8, 1), "a mean or a standard deviation of 0.000001 to 10000000 frames/s, and none above"},
		{dist(wire.TruncNormal, 400, 50), ""},
		{dist(Poisson, 1000), ""},
		{dist(Poisson, 0), "a mean rate of 0.000001 to 10000000 frames/s"},
		{dist(6, 1), "a known distribution"},
	})
}

func TestCheckSize(t *testing.T) {
	checkAll(t, CheckSize, []checkTest{
		{dist(wire.Constant, 0), ""},
		{dist(wire.Constant, 1<<30), ""},
		{dist(wire.Constant, 1<<30+1), "a size of at most 1073741824 bytes"},
		{dist(wire.Constant, nan), "const<v> with a number >= 0"},
		{dist(wire.Uniform, 0, 1000), ""},
		{dist(wire.Uniform, 0, 0), ""},
		{dist(wire.Uniform, 0, 2e9), "an upper end of at most 1073741824 bytes"},
		{dist(wire.Exponential, 0), ""},
		{dist(wire.Exponential, 2e9), "a mean size of at most 1073741824 bytes"},
		{dist(wire.Pareto, 2e9, 1), "a location of at most 1073741824 bytes"},
		{dist(wire.Normal, 0, 0), ""},
		{dist(wire.Normal, 5, 2e9), "a mean and a standard deviation of at most 1073741824 bytes"},
		{dist(wire.TruncNormal, 2e9, 5), "a mean and a standard deviation of at most 1073741824 bytes"},
		{dist(Poisson, 5), "a size: poisson<rate> is for rates only"},
		{dist(77), "a known distribution"},
	})
}

func absolute(values ...float64) (events []wire.Event) {
	for _, v := range values {
		events = append(events, wire.Event{Time: constant(v)})
	}
	return events
}

func relative(values ...float64) []wire.Event {
	events := absolute(values...)
	for i := range events {
		events[i].Relative = true
	}
	return events
}

func TestCheckEvents(t *testing.T) {
	random := func(d ...wire.Distribution) (events []wire.Event) {
		for _, d := range d {
			events = append(events, wire.Event{Time: d, Relative: true})
		}
		return events
	}
	const neverOn = "repeat: expected a list that is on for at least 0.000001 s in each round"
	tests := []struct {
		name   string
		events []wire.Event
		repeat bool
		want   string
	}{
		{"no list", nil, false, ""},
		{"no list, repeated", nil, true, ""},
		{"absolute", absolute(0.5, 2, 3), false, ""},
		{"falling", absolute(3, 2, 1), false, ""},
		{"relative, odd", relative(1, 1, 1), false, ""},
		{"repeated", relative(1, 1), true, ""},
		{"always on", relative(0, 1), true, ""},
		{"as long as can be", make([]wire.Event, wire.MaxEvents), false, ""},
		{"longer", make([]wire.Event, wire.MaxEvents+1), false, "list of 1634 entries: expected at most 1633"},
		{"repeated, odd", relative(1, 1, 1), true, "repeat after an odd number of entries (3): expected an even number: the last one turns the flow off"},
		{"repeated, absolute", append(relative(1), absolute(2)...), true, `entry 2 "2": expected a relative time, +2: a list with repeat has no others`},
		{"repeated, no time at all", relative(0, 0), true, neverOn},
		{"repeated, never on", relative(5, 0, 1, 0), true, neverOn},
		{"repeated, hardly ever on", random(constant(0), dist(wire.Exponential, 1e-9)), true, neverOn},
		{"repeated, uniform 0", random(constant(1), dist(wire.Uniform, 0, 0)), true, neverOn},
		{"repeated, normal 0", random(constant(1), dist(wire.Normal, 0, 0)), true, neverOn},
		{"repeated, normal around 0", random(constant(1), dist(wire.Normal, 0, 1)), true, ""},
		{"repeated, pareto without a mean", random(dist(wire.Pareto, 0.1, 0.5), dist(wire.Pareto, 0.1, 0.5)), true, ""},
		{"negative", absolute(1, -1), false, `entry 2 "-1": expected const<v> with a number >= 0`},
		{"NaN", relative(nan), false, `entry 1 "+NaN": expected const<v> with a number >= 0`},
		{"too late", relative(1, 1e10), false, `entry 2 "+10000000000": expected a time of at most 1000000000 s`},
		{"exp too late", random(dist(wire.Exponential, 1e10)), false, `entry 1 "+exp10000000000": expected a mean time of at most 1000000000 s`},
		{"poisson", random(dist(Poisson, 5)), false, `entry 1 "+poisson5": expected a time: poisson<rate> is for rates only`},
		{"unknown", random(dist(7, 5)), false, `entry 1 "+distribution 7": expected a known distribution`},
	}
	for _, tt := range tests {
		err := CheckEvents(tt.events, tt.repeat)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: error %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestDirection(t *testing.T) {
	tests := []struct {
		rate, size      wire.Distribution
		idle, saturated bool
	}{
		{constant(0), constant(0), true, false},
		{constant(10), constant(0), true, false},
		{constant(0), constant(1460), false, true},
		{constant(10), constant(1460), false, false},
		{constant(0), constant(0.4), true, false},
		{constant(0), constant(0.5), false, true},
		{constant(0), dist(wire.Uniform, 0, 1000), false, true},
		{constant(0), dist(wire.Uniform, 0, 0.5), true, false},
		{constant(0), dist(wire.Uniform, 0.5, 0.5), false, true},
		{constant(0), dist(wire.Exponential, 0), true, false},
		{constant(0), dist(wire.Exponential, 1), false, true},
		{constant(0), dist(wire.Pareto, 1, 1), false, true},
		{constant(0), dist(wire.Normal, 0, 0), true, false},
		{constant(0), dist(wire.Normal, 0, 5), false, true},
		{constant(0), dist(wire.TruncNormal, 5, 0), false, true},
		{dist(wire.Uniform, 0, 10), dist(wire.Uniform, 0, 1000), false, false},
	}
	for _, tt := range tests {
		d := Direction{Rate: tt.rate, Size: tt.size}
		if d.Idle() != tt.idle || d.Saturated() != tt.saturated {
			t.Errorf("%v: idle %v, saturated %v, want %v, %v", d, d.Idle(), d.Saturated(), tt.idle, tt.saturated)
		}
	}
}

func TestDirectionCheck(t *testing.T) {
	tests := []struct {
		d    Direction
		want string
	}{
		{Direction{constant(10), constant(100)}, ""},
		{Direction{constant(1e9), constant(0)}, ""}, // nothing is sent
		{Direction{dist(wire.Exponential, 0), constant(0)}, ""},
		{Direction{dist(wire.Exponential, 0), constant(1)}, `rate "exp0": expected a mean rate of 0.000001 to 10000000 frames/s`},
		{Direction{constant(10), constant(2e9)}, `size "const2000000000": expected a size of at most 1073741824 bytes`},
	}
	for _, tt := range tests {
		err := tt.d.Check()
		if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
			t.Errorf("%v: error %v, want %q", tt.d, err, tt.want)
		}
	}
}
