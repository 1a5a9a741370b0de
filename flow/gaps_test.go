package flow

import (
	"testing"
	"time"

	"netperfmeter/traffic"
	"netperfmeter/wire"
)

func TestGapThreshold(t *testing.T) {
	for spec, want := range map[string]time.Duration{
		"const0:const1400":  leastGap,
		"const1000:const10": leastGap,
		"const10:const10":   300 * time.Millisecond,
		"const0:const0":     0,
		"exp10:const10":     0,
	} {
		s, err := traffic.Parse(wire.TCP, spec, traffic.Defaults{})
		if err != nil {
			t.Fatal(err)
		}
		if got := GapThreshold(s.Outgoing); got != want {
			t.Errorf("%s: %v, want %v", spec, got, want)
		}
	}
}

// The planned times off, however they are asked for.
func TestOffTimes(t *testing.T) {
	const start = 1_800_000_000_000_000
	second := func(s float64) int64 { return start + int64(s*1e6) }
	tests := []struct {
		list string
		asks [][3]float64 // from, to, off in seconds
	}{
		{"1,2,4", [][3]float64{{0, 0.5, 0.5}, {0.5, 1.5, 0.5}, {1.5, 1.9, 0}, {1.9, 3, 1}, {3, 3.5, 0.5}, {3.5, 9, 0.5}, {9, 100, 0}}},
		{"1,2", [][3]float64{{-1, 0.5, 0.5}, {0.5, 1.5, 0.5}, {1.5, 3, 1}, {3, 9, 6}}},
		{"+1,+0.5,repeat", [][3]float64{{0, 3.2, 2.2}, {3.2, 6, 1.8}, {1000.5, 1003.5, 2}}},
		{"0,5", [][3]float64{{4.5, 5.5, 0.5}}},
	}
	for _, tt := range tests {
		spec, err := traffic.Parse(wire.TCP, "const1:const1:const0:const0:onoff="+tt.list, traffic.Defaults{})
		if err != nil {
			t.Fatal(err)
		}
		o := offTimes{events: traffic.NewSwitch(spec.OnOff, spec.Repeat, nil), start: start}
		for _, ask := range tt.asks {
			if got := float64(o.between(second(ask[0]), second(ask[1]))) / 1e6; got < ask[2]-1e-6 || got > ask[2]+1e-6 {
				t.Errorf("%s: off for %v s from %v to %v, want %v", tt.list, got, ask[0], ask[1], ask[2])
			}
		}
	}
}
