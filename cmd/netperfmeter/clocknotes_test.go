package main

import (
	"math"
	"strings"
	"testing"

	"netperfmeter/active"
	"netperfmeter/stats"
)

func TestClockNotes(t *testing.T) {
	known := func(out, in float64) []active.FlowReport {
		return []active.FlowReport{{ID: 3,
			Outgoing: active.DirectionReport{Known: true, DelayMedian: out},
			Incoming: active.DirectionReport{Known: true, DelayMedian: in}}}
	}
	tests := map[string]struct {
		clock *stats.ClockResult
		flows []active.FlowReport
		want  string
	}{
		"a reference peer": {nil, known(1, 1), ""},
		"the same clock": {&stats.ClockResult{Bound: 0.05, DriftBound: 1, Steady: true}, known(0.02, 0.2),
			"Clocks: no difference was found between the two sides', to +-50.0 us.\n" +
				"Delays of flow 3 out are smaller than the uncertainty of the clocks (+-50.0 us)."},
		"behind, delays raw": {&stats.ClockResult{OffsetStart: -5, OffsetEnd: -6, Drift: -20, DriftBound: 2, Bound: 0.5, Steady: true},
			known(-5.3, 5.2), // less the offset: 0.2 and -0.3
			"Clocks: that of the passive side is 5.50 ms +-500 us behind this one, drifting by -20 ppm; delays contain that difference (--correct-delays takes it out).\n" +
				"Delays of all flows are smaller than the uncertainty of the clocks (+-500 us)."},
		"most are small": {&stats.ClockResult{Bound: 0.05, DriftBound: 1, Steady: true}, append(known(0.02, 0.03), known(0.2, math.NaN())...),
			"Clocks: no difference was found between the two sides', to +-50.0 us.\n" +
				"Delays of flows 3 out, 3 in are smaller than the uncertainty of the clocks (+-50.0 us)."},
		"corrected": {&stats.ClockResult{OffsetStart: 70, OffsetEnd: 70, DriftBound: 2, Bound: 0.5, Steady: true, Corrected: true, CorrectionBound: 0.7},
			known(0.9, 12),
			"Clocks: that of the passive side is 70.0 ms +-500 us ahead of this one; delays are corrected, to +-700 us."},
		"set meanwhile": {&stats.ClockResult{OffsetStart: 70, OffsetEnd: 90, DriftBound: 2, Bound: 30}, known(math.NaN(), math.NaN()),
			"Clocks: that of the passive side is 80.0 ms +-30.0 ms ahead of this one; delays contain that difference (--correct-delays takes it out).\n" +
				"The clocks did not keep a steady difference: one was set, or its speed was changed, while this measured."},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(clockNotes(&active.Report{Clock: tt.clock, Flows: tt.flows}), "\n")
			if got != tt.want {
				t.Errorf("got\n%s\nnot\n%s", got, tt.want)
			}
		})
	}
}
