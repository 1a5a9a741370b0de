package traffic

import (
	"testing"
	"time"

	"netperfmeter/wire"
)

func TestUsualGap(t *testing.T) {
	tests := []struct {
		spec string
		gap  time.Duration
		ok   bool
	}{
		{"const0:const1400", 0, true},
		{"const0:const0", 0, false},
		{"const10:const0", 0, false},
		{"const10:const100", 100 * time.Millisecond, true},
		{"const0.5:exp100", 2 * time.Second, true},
		{"uniform5,20:const100", 200 * time.Millisecond, true},
		{"uniform0,20:const100", 0, false},
		{"pareto4,2:const100", 250 * time.Millisecond, true},
		{"exp10:const100", 0, false},
		{"normal10,1:const100", 0, false},
		{"poisson100:const100", 138155105 * time.Nanosecond, true},
	}
	for _, tt := range tests {
		spec, err := Parse(wire.TCP, tt.spec, Defaults{})
		if err != nil {
			t.Fatal(err)
		}
		if gap, ok := spec.Outgoing.UsualGap(); gap != tt.gap || ok != tt.ok {
			t.Errorf("%s: %v, %v; want %v, %v", tt.spec, gap, ok, tt.gap, tt.ok)
		}
	}
}

func TestPredictable(t *testing.T) {
	for list, want := range map[string]bool{"1,2,+3": true, "+1,+exp2": false} {
		spec, err := Parse(wire.TCP, "const0:const100:const0:const0:onoff="+list, Defaults{})
		if err != nil {
			t.Fatal(err)
		}
		if got := Predictable(spec.OnOff); got != want {
			t.Errorf("%s: %v", list, got)
		}
	}
}
