//go:build linux

package endtoend

import (
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
	"netperfmeter/test/relay"
)

// pauseOnce holds the given datagram, and those behind it.
func pauseOnce(at int, d time.Duration) func(bool, int) time.Duration {
	return func(_ bool, n int) time.Duration {
		if n == at {
			return d
		}
		return 0
	}
}

// outage drops some datagrams in a row.
func outage(from, to int) func(bool, int) relay.Fault {
	return func(_ bool, n int) relay.Fault {
		if n >= from && n < to {
			return relay.Drop
		}
		return relay.Pass
	}
}

// TestGapAgainstRelay: a path that fails for a while, holding what is sent or
// dropping it, is found with the begin and the length that the relay's log
// gives.
func TestGapAgainstRelay(t *testing.T) {
	for name, cfg := range map[string]relay.Config{
		"held":    {Pause: pauseOnce(600, 700*time.Millisecond)},
		"dropped": {Harm: outage(600, 950)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runRelayed(t, cfg, "-runtime=4", "-udp", "const500:const300:const500:const300")
			r.both(t, func(t *testing.T, d *relay.Direction) {
				receiver, object := r.receiver(d), lab.FlowObject(0)
				var longest int
				for i := range d.Passages[1:] {
					if until(d.Passages, i) > until(d.Passages, longest) {
						longest = i
					}
				}
				before, after := &d.Passages[longest], &d.Passages[longest+1]
				least, most := after.Before.Sub(before.After), after.After.Sub(before.Before)
				length := receiver.Float(t, object, "Longest Gap")
				t.Logf("a gap of %v ms, by the relay %v to %v", length, least, most)
				if length < millis(least)-0.002 || length > millis(most)+0.002 {
					t.Errorf("the longest gap is %v ms, by the relay %v to %v", length, least, most)
				}
				start := time.UnixMicro(int64(receiver.Uint(t, object, "Longest Gap Start")))
				if start.Before(before.Before.Add(-time.Microsecond)) || start.After(before.After) {
					t.Errorf("it began at %v, by the relay %v to %v", start, before.Before, before.After)
				}
				begin := time.UnixMicro(int64(receiver.Uint(t, "total", "First Statistics Event")))
				if at := receiver.Float(t, object, "Longest Gap RelTime"); at < start.Sub(begin).Seconds()-1e-6 || at > start.Sub(begin).Seconds()+1e-6 {
					t.Errorf("it began at RelTime %v, which is not %v after %v", at, start, begin)
				}
				if receiver.Uint(t, object, "Gaps") == 0 || receiver.Float(t, object, "Gap Threshold") != 100 || !receiver.Has(object, "Gap 1 Recovery") {
					t.Error("it is not in the list, or the rate was not seen again")
				}
			})
			for _, line := range []string{"Flow 0 out: nothing came for ", "Flow 0 in: nothing came for "} {
				if !strings.Contains(r.output, line) {
					t.Errorf("the final text does not say %q:\n%s", line, r.output)
				}
			}
		})
	}
}

// until is the time from a passage to the next.
func until(p []relay.Passage, i int) time.Duration { return p[i+1].Before.Sub(p[i].After) }

// TestPlannedOffTimesAreNoGaps: also where they are random, of both sides.
func TestPlannedOffTimesAreNoGaps(t *testing.T) {
	t.Parallel()
	r := runRelayed(t, relay.Config{}, "-runtime=6", "-udp", "const500:const300:const500:const300:onoff=+0.5,+uniform0.6,0.9,repeat")
	r.both(t, func(t *testing.T, d *relay.Direction) {
		receiver, object := r.receiver(d), lab.FlowObject(0)
		var longest time.Duration
		for i := range d.Passages[1:] {
			longest = max(longest, until(d.Passages, i))
		}
		// By the log it was off for long. What is left of that is how late the
		// first message after it was, against the plan.
		if found := receiver.Float(t, object, "Longest Gap"); longest < 450*time.Millisecond || found > millis(longest)-300 {
			t.Errorf("the longest gap is %v ms, by the relay's log, with what was planned, %v", found, longest)
		}
	})
}
