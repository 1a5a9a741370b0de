package traffic

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"netperfmeter/wire"
)

var fuzzSpecs = []string{
	"const10:const1460:const0:const0",
	"const0:const1460:const0:const0:cmt=mptcp",
	"const10:const1000:const5:const500:description=Alpha:nodelay=on:cc=cubic:onoff=+1,+1,+0.5,+0.5,repeat",
	"exp20:uniform500,25000:const0:const0:maxmsgsize=4000:id=7:description=Beta",
	"const25:exp300:uniform5,15:const200:description=Gamma",
	"const8:const2000:const0:const0:description=Delta:sndbuf=100000:rcvbuf=120000",
	"const0:const0:pareto5,2:normal400,50:description=Eps",
	"const2:truncnormal400,50:const0:const0:onoff=0.5,2,3:rtx_trials=3:unordered=0.25:unreliable=0.5:debug=off",
	"const0:const0:const25:const2500:onoff=+pareto0.166667,1.5,+pareto0.166667,1.5,repeat",
	"default:defragtimeout=100:error_on_abort=off:v6only:rtx_timeout=5:ccid=3:ndiffports=4:pathmgr=x:scheduler=y",
	"poisson1000:100:onoff=uniform1000,0.5",
	"1e-6:1e9:5:6:onoff=+normal0,1e9,+1e-6,repeat",
	"::::",
}

func FuzzParse(f *testing.F) {
	for i, text := range fuzzSpecs {
		f.Add([]uint16{6, 262, 17, 132, 33, 261}[i%6], text)
	}
	f.Fuzz(func(t *testing.T, protocol uint16, text string) {
		s, err := Parse(wire.Protocol(protocol), text, Defaults{})
		if err != nil {
			if msg := err.Error(); strings.ContainsAny(msg, "\n\r\x1b") || !strings.HasPrefix(msg, "-") {
				t.Errorf("error %q", msg)
			}
			return
		}
		again, err := Parse(s.Protocol, s.String(), Defaults{})
		if err != nil {
			t.Fatalf("%q came of %q: %v", s.String(), text, err)
		}
		s.Warnings, again.Warnings = nil, nil
		if !reflect.DeepEqual(s, again) {
			t.Errorf("%q came of %q:\n%+v\n%+v", s.String(), text, s, again)
		}
		for _, dir := range []Direction{s.Outgoing, s.Incoming} {
			checkPlan(t, NewPlan(dir, s.OnOff, s.Repeat, NewSources(1, 2, 3, true)))
		}
	})
}

// checkPlan takes some frames of any plan that was let through.
func checkPlan(t *testing.T, p *Plan) {
	t.Helper()
	last := time.Duration(0)
	for i := range 300 {
		f, ok := p.Next()
		if !ok {
			return
		}
		if f.At < last || f.Size < 0 || f.Size > MaxFrameSize {
			t.Fatalf("frame %d is %+v, after %v", i, f, last)
		}
		last = f.At
		if i%100 == 99 {
			p.Skip(last + time.Second)
		}
	}
}

func FuzzParseDistribution(f *testing.F) {
	for _, text := range []string{"const5", "5", "uniform1,2", "uniform2,1", "exp1e3", "pareto1,.5", "normal400,50", "truncnormal0,0", "poisson7", "const1e300", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDistribution(text)
		if err != nil {
			return
		}
		again, err := ParseDistribution(FormatDistribution(d))
		if err != nil || again != d {
			t.Errorf("%q: %v, %v, was %v", FormatDistribution(d), again, err, d)
		}
	})
}
