//go:build linux

package endtoend

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
	"netperfmeter/test/relay"
)

// drifting is a clock that is ahead by an offset that grows.
func drifting(offset time.Duration, ppm float64) func(time.Time) time.Duration {
	begin := time.Now()
	return func(at time.Time) time.Duration {
		return offset + time.Duration(ppm*1e-6*float64(at.Sub(begin)))
	}
}

// TestClockAgainstTruth: the passive side's clock is made to look ahead by what
// the relay knows. Both sides find it within the bound that they state, in
// particular where the control channel is slower one way; the delays less that
// difference are the relay's.
func TestClockAgainstTruth(t *testing.T) {
	tests := map[string]struct {
		ahead     func(time.Time) time.Duration
		there     time.Duration // more on the way there
		options   []string
		corrected bool
		vectors   bool
	}{
		"ahead and drifting":    {drifting(3*time.Second, 300), 0, []string{"--correct-delays"}, true, false},
		"behind, vectors":       {drifting(-250*time.Millisecond, -40), 0, []string{"--correct-vectors"}, true, true},
		"slower on the way":     {drifting(time.Second, 0), 40 * time.Millisecond, []string{"--correct-delays"}, true, false},
		"raw delays":            {drifting(-70*time.Millisecond, 0), 0, nil, false, false},
		"with a warm-up of 1 s": {drifting(20*time.Second, 100), 0, []string{"--correct-delays", "--omit=1"}, true, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := relay.Config{Delay: 5 * time.Millisecond, Ahead: tt.ahead}
			cfg.ControlDelay.Out = tt.there
			r := runRelayed(t, cfg, append(tt.options, "-runtime=5", "-udp", "const200:const300:const200:const300")...)
			for _, side := range []*lab.Scalars{r.results.Active, r.results.Passive} {
				compareClocks(t, side, tt.ahead, tt.there)
			}
			bound := 0.0
			if tt.corrected {
				bound = r.results.Active.Float(t, "total", "Delay Correction Bound")
			}
			r.both(t, func(t *testing.T, d *relay.Direction) {
				compareDelays(t, &r, d, tt.ahead, tt.corrected, tt.vectors, bound)
			})
			if says := strings.Contains(r.output, "delays contain that difference"); says == tt.corrected {
				t.Errorf("corrected is %v, but the final text says:\n%s", tt.corrected, r.output)
			}
		})
	}
}

// compareClocks holds a side's scalars against the truth, at the measurement's
// own ends.
func compareClocks(t *testing.T, side *lab.Scalars, ahead func(time.Time) time.Duration, there time.Duration) {
	t.Helper()
	bound := side.Float(t, "total", "Clock Offset Bound")
	if bound < millis(there)/2 {
		t.Errorf("%s: the bound is %v ms, but one way takes %v longer", side.Side, bound, there)
	}
	for what, event := range map[string]string{"Clock Offset Start": "First Statistics Event", "Clock Offset End": "Last Statistics Event"} {
		at := time.UnixMicro(int64(side.Uint(t, "total", event)))
		truth, found := millis(ahead(at)), side.Float(t, "total", what)
		t.Logf("%s: %s %v +- %v ms, truth %v ms", side.Side, what, found, bound, truth)
		// The event is not the very instant of the estimate, but not a third of a
		// second from it, in which these clocks drift by less than 0.1 ms.
		if found < truth-bound-0.1 || found > truth+bound+0.1 {
			t.Errorf("%s: %s is %v +- %v ms, the truth %v ms", side.Side, what, found, bound, truth)
		}
	}
	if side.Uint(t, "total", "Clocks Steady") != 1 {
		t.Errorf("%s: the clocks are said not to be steady", side.Side)
	}
}

// compareDelays holds a direction's delays against the relay's log.
func compareDelays(t *testing.T, r *relayed, d *relay.Direction, ahead func(time.Time) time.Duration, corrected, vectors bool, bound float64) {
	sign := -1.0
	if d.Outgoing {
		sign = 1
	}
	receiver := r.receiver(d)
	if got := receiver.Uint(t, "total", "Delays Corrected") == 1; got != corrected {
		t.Fatalf("corrected: %v", got)
	}
	passages := make(map[uint64]*relay.Passage)
	for i := range d.Passages {
		passages[d.Passages[i].Seq] = &d.Passages[i]
	}
	var measured relay.Direction // what is part of the results
	off, rows := 0, 0
	lab.EachFlowRow(t, r.vector(d), func(row lab.FlowRow) {
		p := passages[row.Seq]
		if p == nil {
			t.Fatalf("message %d has not passed the relay", row.Seq)
		}
		if row.RelTime >= 0 {
			measured.Passages = append(measured.Passages, *p)
		}
		least, most := p.Delay()
		shift, slack := sign*millis(ahead(p.After)), 0.02 // the shift was taken at another microsecond
		if vectors {
			shift, slack = 0, bound+0.02
		}
		rows++
		if row.Delay < millis(least)+shift-slack || row.Delay > millis(most)+shift+slack {
			if off++; off < 4 {
				t.Logf("message %d: delay %v ms, by the relay %v to %v and a clock that is off by %v ms", row.Seq, row.Delay, least, most, shift)
			}
		}
	})
	if 100*off > rows {
		t.Errorf("%d of %d delays in the vector are not what the relay's log says", off, rows)
	}
	if !corrected {
		return
	}
	least, most := medianDelay(&measured)
	slack := bound + 0.01 + 0.002*most
	what := fmt.Sprintf("the median %v ms", receiver.Float(t, lab.FlowObject(0), "Delay Percentile 50"))
	t.Logf("%s, by the relay %v to %v ms, +- %v ms", what, least, most, bound)
	if median := receiver.Float(t, lab.FlowObject(0), "Delay Percentile 50"); median < least-slack || median > most+slack {
		t.Errorf("%s is not the relay's %v to %v ms, with a bound of %v ms", what, least, most, bound)
	}
}
