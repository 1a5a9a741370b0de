//go:build linux

package endtoend

import (
	"fmt"
	"math"
	"regexp"
	"testing"

	"netperfmeter/test/lab"
)

// TestInterval: one option drives the lines, the display, and both sides' global
// vectors.
func TestInterval(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	const interval = 0.2
	dir := t.TempDir()
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-T", "1.5", fmt.Sprintf("--interval=%g", interval), "--display", "--json-lines", "-V", "r.vec",
		"-tcp", "const100:const100:const0:const0").In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	results := &lab.Results{Dir: dir, VectorPattern: "r.vec"}
	sets := map[string][]float64{}
	for _, side := range []string{"active", "passive"} {
		for _, row := range results.Global(t, side) {
			if row.Flow == -1 && row.Action == "Sent" {
				sets[side] = append(sets[side], row.RelTime)
			}
		}
		// The last set is that of the end; the others are late, never early, and
		// none is left out but one that came too late for its turn.
		before := -1
		for _, at := range sets[side][:len(sets[side])-1] {
			number := int(math.Floor(at/interval + 1e-4))
			if number <= before {
				t.Errorf("%s side: a set at %v s after that of interval %d", side, at, before)
			}
			before = number
		}
		if last := sets[side][len(sets[side])-1]; math.Abs(last-1.5) > 0.001 {
			t.Errorf("%s side: the last set is of %v s", side, last)
		}
	}
	var ends []float64
	for _, line := range lab.ReadLines(t, r.Stdout) {
		if line.Event == "interval" {
			ends = append(ends, line.End)
		}
	}
	own := sets["active"]
	if len(ends) != len(own)-1 || len(own) < 3 {
		t.Fatalf("intervals end at %v, sets are of %v", ends, own)
	}
	for i, end := range ends {
		if math.Abs(end-own[i+1]) > 2e-6 {
			t.Errorf("interval %d ends at %v, the set is of %v", i, end, own[i+1])
		}
	}
	shown := regexp.MustCompile(`(?m)^[0-9.]+ m?s, [0-9.]+ m?s left`).FindAllString(r.Stderr, -1)
	if len(shown) != len(own) {
		t.Errorf("%d status lines for %d sets: %v", len(shown), len(own), r)
	}
}
