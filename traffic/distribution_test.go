package traffic

import (
	"testing"

	"netperfmeter/wire"
)

func dist(kind wire.DistributionKind, values ...float64) wire.Distribution {
	d := wire.Distribution{Kind: kind}
	copy(d.Values[:], values)
	return d
}

func TestParseDistribution(t *testing.T) {
	tests := []struct {
		text string
		want wire.Distribution
		back string // canonical form, "" if it is the text
	}{
		{"const0", dist(wire.Constant, 0), ""},
		{"const1460", dist(wire.Constant, 1460), ""},
		{"1460", dist(wire.Constant, 1460), "const1460"},
		{"0.5", dist(wire.Constant, 0.5), "const0.5"},
		{".5", dist(wire.Constant, 0.5), "const0.5"},
		{"1e3", dist(wire.Constant, 1000), "const1000"},
		{"const1e+3", dist(wire.Constant, 1000), "const1000"},
		{"const1e-7", dist(wire.Constant, 1e-7), "const1e-07"},
		{"const1e300", dist(wire.Constant, 1e300), "const1e+300"},
		{"uniform500,25000", dist(wire.Uniform, 500, 25000), ""},
		{"uniform5,5", dist(wire.Uniform, 5, 5), ""},
		{"uniform0,1000", dist(wire.Uniform, 0, 1000), ""},
		{"exp20", dist(wire.Exponential, 20), ""},
		{"pareto0.166667,1.5", dist(wire.Pareto, 0.166667, 1.5), ""},
		{"normal400,50", dist(wire.Normal, 400, 50), ""},
		{"truncnormal400,50", dist(wire.TruncNormal, 400, 50), ""},
		{"poisson1000", dist(Poisson, 1000), ""},
	}
	for _, tt := range tests {
		got, err := ParseDistribution(tt.text)
		if err != nil || got != tt.want {
			t.Errorf("ParseDistribution(%q) = %v, %v, want %v", tt.text, got, err, tt.want)
			continue
		}
		back := tt.back
		if back == "" {
			back = tt.text
		}
		if text := FormatDistribution(got); text != back {
			t.Errorf("FormatDistribution of %q is %q, want %q", tt.text, text, back)
		}
	}
	if got := FormatDistribution(dist(9, 1)); got != "distribution 9" {
		t.Errorf("FormatDistribution of an unknown kind is %q", got)
	}
}

func TestParseDistributionErrors(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", `"": expected ` + rateForms},
		{"bad", `"bad": expected ` + rateForms},
		{"-5", `"-5": expected ` + rateForms},
		{"+5", `"+5": expected ` + rateForms},
		{"e5", `"e5": expected ` + rateForms},
		{"0x10", `"0x10": expected ` + rateForms},
		{"inf", `"inf": expected ` + rateForms},
		{"nan", `"nan": expected ` + rateForms},
		{"1,2", `"1,2": expected ` + rateForms},
		{"Const5", `"Const5": expected ` + rateForms},
		{"const", `"const": expected const<v> with a number >= 0`},
		{"const-5", `"const-5": expected const<v> with a number >= 0`},
		{"const 5", `"const 5": expected const<v> with a number >= 0`},
		{"const1_0", `"const1_0": expected const<v> with a number >= 0`},
		{"const1e999", `"const1e999": expected const<v> with a number >= 0`},
		{"const5,6", `"const5,6": expected const<v> with a number >= 0`},
		{"exp", `"exp": expected exp<mean> with a number >= 0`},
		{"exponential5", `"exponential5": expected exp<mean> with a number >= 0`},
		{"uniform5", `"uniform5": expected uniform<a>,<b> with two numbers >= 0`},
		{"uniform5,", `"uniform5,": expected uniform<a>,<b> with two numbers >= 0`},
		{"uniform1,2,3", `"uniform1,2,3": expected uniform<a>,<b> with two numbers >= 0`},
		{"uniform-1,2", `"uniform-1,2": expected uniform<a>,<b> with two numbers >= 0`},
		{"uniform1000,0.5", `"uniform1000,0.5": expected uniform<a>,<b> with a <= b; up to 1.9.x it meant a x (1 - b) to a x (1 + b), now written uniform500,1500`},
		{"uniform1000,0.1", `"uniform1000,0.1": expected uniform<a>,<b> with a <= b; up to 1.9.x it meant a x (1 - b) to a x (1 + b), now written uniform900,1100`},
		{"uniform20,10", `"uniform20,10": expected uniform<a>,<b> with a <= b; up to 1.9.x it meant a x (1 - b) to a x (1 + b)`},
		{"pareto0,1.5", `"pareto0,1.5": expected pareto<location>,<shape> with two numbers > 0`},
		{"pareto1,0", `"pareto1,0": expected pareto<location>,<shape> with two numbers > 0`},
		{"pareto1", `"pareto1": expected pareto<location>,<shape> with two numbers >= 0`},
		{"normal400", `"normal400": expected normal<mean>,<stddev> with two numbers >= 0`},
		{"truncnormal400", `"truncnormal400": expected truncnormal<mean>,<stddev> with two numbers >= 0`},
		{"poisson", `"poisson": expected poisson<rate> with a number >= 0`},
		{"a\nb", `"a\nb": expected ` + rateForms},
	}
	for _, tt := range tests {
		if d, err := ParseDistribution(tt.text); err == nil || err.Error() != tt.want {
			t.Errorf("ParseDistribution(%q) = %v, %v, want %s", tt.text, d, err, tt.want)
		}
	}
}
