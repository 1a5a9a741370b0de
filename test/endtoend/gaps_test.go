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
				checkListed(t, receiver, object, length)
			})
			for _, line := range []string{"Flow 0 out: nothing came for ", "Flow 0 in: nothing came for "} {
				if !strings.Contains(r.output, line) {
					t.Errorf("the final text does not say %q:\n%s", line, r.output)
				}
			}
		})
	}
}

// checkListed looks for a gap in the list, and for the old rate behind it: that
// is back unless a busy machine makes another gap at once.
func checkListed(t *testing.T, receiver *lab.Scalars, object string, length float64) {
	t.Helper()
	gaps := receiver.Uint(t, object, "Gaps")
	listed := false
	for i := uint64(1); receiver.Has(object, fmt.Sprintf("Gap %d Length", i)); i++ {
		listed = listed || receiver.Float(t, object, fmt.Sprintf("Gap %d Length", i)) == length
	}
	if !listed || receiver.Float(t, object, "Gap Threshold") != 100 {
		t.Errorf("%d gaps, the longest is in the list: %v", gaps, listed)
	}
	if gaps == 1 && !receiver.Has(object, "Gap 1 Recovery") {
		t.Error("the old rate was not seen again")
	}
}

// until is the time from a passage to the next.
func until(p []relay.Passage, i int) time.Duration { return p[i+1].Before.Sub(p[i].After) }

// TestPlannedOffTimesAreNoGaps: also where they are random, of both sides.
func TestPlannedOffTimesAreNoGaps(t *testing.T) {
	t.Parallel()
	r := runRelayed(t, relay.Config{}, "-runtime=6", "-udp", "const500:const300:const500:const300:onoff=+0.5,+uniform0.6,0.9,repeat")
	r.both(t, func(t *testing.T, d *relay.Direction) {
		receiver, sender, object := r.receiver(d), r.sender(d), lab.FlowObject(0)
		var longest time.Duration
		for i := range d.Passages[1:] {
			longest = max(longest, until(d.Passages, i))
		}
		// By the log it was off for long. What is left of that is how late a first
		// message was, against the plan: on a busy machine, long too.
		late := sender.Float(t, object, "Lateness Maximum")
		if found := receiver.Float(t, object, "Longest Gap"); longest < 450*time.Millisecond || found > max(millis(longest)-300, late) {
			t.Errorf("the longest gap is %v ms, by the relay's log, with what was planned, %v", found, longest)
		}
	})
}

// TestGapOfSaturatedTCP: what a packet filter swallows for a while shows as a
// gap around that time, and the old rate behind it.
func TestGapOfSaturatedTCP(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "nft")
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	n.Shell(t, "nft add table inet cut; nft add chain inet cut in '{ type filter hook input priority 0; }'")
	dir := t.TempDir()
	active := n.Start(t, lab.Ours(t, "127.0.0.1", "-runtime=8", "-scalar=r.sca", "--display", "--interval=0.1", "-tcp", "const0:const1400:const0:const0").In(dir))
	active.Await(t, "a second and a half of data", 30*time.Second, func() bool { return strings.Count(active.Output(), "\n") > 20 })
	n.Shell(t, "nft add rule inet cut in tcp dport 9000 drop")
	swallowing := time.Now()
	time.Sleep(600 * time.Millisecond)
	again := time.Now()
	n.Shell(t, "nft flush chain inet cut in")
	if r := active.Wait(); r.Code != 0 {
		t.Fatal(r)
	}
	receiver, object := lab.ReadResults(t, dir, "r.sca", "").Passive, lab.FlowObject(0)
	begin := time.UnixMicro(int64(receiver.Uint(t, "total", "First Statistics Event")))
	for i := uint64(1); ; i++ {
		name := fmt.Sprintf("Gap %d ", i)
		if !receiver.Has(object, name+"RelTime") {
			t.Fatalf("none of %d gaps is around the time from %v to %v", i-1, swallowing.Sub(begin), again.Sub(begin))
		}
		start := begin.Add(time.Duration(receiver.Float(t, object, name+"RelTime") * float64(time.Second)))
		end := start.Add(time.Duration(receiver.Float(t, object, name+"Length") * float64(time.Millisecond)))
		t.Logf("a gap from %v to %v, nothing passed from %v to %v", start.Sub(begin), end.Sub(begin), swallowing.Sub(begin), again.Sub(begin))
		// What the socket had taken before may be read later.
		if start.Before(again) && end.After(again) {
			if receiver.Has(object, name+"Open") {
				t.Error("it is said to last to the end")
			}
			return
		}
	}
}
