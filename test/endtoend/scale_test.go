//go:build linux

package endtoend

import (
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// TestTwoHundredFlows: set up, measured for a second and their results fetched
// within 3 s. The best of three, since others may use the machine.
func TestTwoHundredFlows(t *testing.T) {
	n := lab.Loopback(t)
	plain := lab.PlainProgram(t)
	passive := lab.Ours(t, "9000", "--quiet").For(10 * time.Minute)
	passive.Name = plain
	n.Start(t, passive).Await(t, "listening", 20*time.Second, func() bool { return n.Listening("tcp", 9001) && n.Listening("tcp", 9000) })
	best := time.Hour
	for try := 0; try < 3 && best > 3*time.Second; try++ {
		dir := t.TempDir()
		active := lab.Ours(t, "127.0.0.1", "-runtime=1", "-count=200", "-scalar=r.sca", "-vector=r.vec", "-config=r.config",
			"-tcp", "const20:const1000:const20:const500").In(dir).For(2 * time.Minute)
		active.Name = plain
		r := n.Run(t, active)
		if r.Code != 0 {
			t.Fatal(r)
		}
		t.Logf("%v", r.Elapsed)
		best = min(best, r.Elapsed)
		var flows []expected
		for id := range uint32(200) {
			flows = append(flows, expected{id: id, stream: true,
				outgoing: way{frame: travels(1000, 16000)}, incoming: way{frame: travels(500, 16000)}})
		}
		agree(t, lab.ReadResults(t, dir, "r.sca", "r.vec"), flows)
	}
	if best > 3*time.Second {
		t.Errorf("a measurement of one second with 200 flows took %v at best", best)
	}
}
