//go:build linux

package endtoend

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// atOnce is how many measurements run beside each other, each in a namespace
// with a passive side that serves one after the other.
const atOnce = 5

// TestGeneratedCommandLines measures what a seeded generator makes up. The
// seed and the number of runs can be set; a failed run shows its command line,
// and runs again alone as TestGeneratedCommandLines/NNN with the same seed.
func TestGeneratedCommandLines(t *testing.T) {
	t.Parallel()
	seed := setting(t, "NETPERFMETER_TEST_SEED", 1)
	runs := setting(t, "NETPERFMETER_TEST_RUNS", 120)
	t.Logf("seed %d, %d runs", seed, runs)
	next := make(chan uint64)
	var workers sync.WaitGroup
	var seen coverage
	for range atOnce {
		n := lab.Loopback(t)
		passive := n.StartPassive(t, 9000, "--quiet")
		workers.Go(func() {
			for i := range next {
				t.Run(fmt.Sprintf("%03d", i), func(t *testing.T) {
					g := generator{rand.New(rand.NewPCG(seed, i))}
					seen.add(g.commandLine().run(t, n))
				})
			}
			leftOver(t, n, passive)
		})
	}
	for i := range runs {
		next <- i
	}
	close(next)
	workers.Wait()
	seen.check(t, runs)
}

// leftOver compares a passive side that has served with one that has not.
func leftOver(t *testing.T, n *lab.Namespace, passive *lab.Process) {
	fresh := n.StartPassive(t, 9100, "--quiet")
	want := lab.Descriptors(fresh.PID) + lab.KeptDescriptors()
	for end := time.Now().Add(5 * time.Second); lab.Descriptors(passive.PID) > want && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	if got := lab.Descriptors(passive.PID); got > want {
		t.Errorf("the passive side holds %d descriptors after its measurements, a fresh one %d", got, want)
	}
	got, stacks := goroutines(passive)
	want, _ = goroutines(fresh)
	if want += lab.KeptDescriptors() / 3; got == 0 || got > want {
		t.Errorf("the passive side has %d goroutines after its measurements, a fresh one %d\n%s", got, want, stacks)
	}
}

// goroutines ends a process and counts the goroutines that run its own code;
// the runtime has a varying number of others.
func goroutines(p *lab.Process) (n int, stacks string) {
	_, stacks = p.Goroutines()
	for _, one := range strings.Split(stacks, "\ngoroutine ")[1:] {
		if strings.Contains(one, "netperfmeter/") {
			n++
		}
	}
	return n, stacks
}

// coverage counts what all runs have carried, by transport and direction: a
// generator whose flows are all idle would find nothing.
type coverage struct {
	mu      sync.Mutex
	packets map[string]uint64
}

func (c *coverage) add(more map[string]uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.packets == nil {
		c.packets = make(map[string]uint64)
	}
	for what, n := range more {
		c.packets[what] += n
	}
}

func (c *coverage) check(t *testing.T, runs uint64) {
	t.Logf("messages received: %v", c.packets)
	if runs < 50 {
		return
	}
	for _, transport := range []string{"TCP", "MPTCP", "UDP"} {
		for _, side := range []string{"active", "passive"} {
			if n := c.packets[transport+" "+side]; n < 1000 {
				t.Errorf("all flows together brought %d messages over %s to the %s side", n, transport, side)
			}
		}
	}
}

// setting reads a number from the environment.
func setting(t *testing.T, name string, otherwise uint64) uint64 {
	text, ok := os.LookupEnv(name)
	if !ok {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// run measures one command line, and returns the messages received by
// transport and side.
func (c generated) run(t *testing.T, n *lab.Namespace) map[string]uint64 {
	dir := t.TempDir()
	r := n.Run(t, lab.Ours(t, c.args...).In(dir).For(2*time.Minute))
	if r.Code != 0 {
		t.Fatal(r)
	}
	results := lab.ReadResults(t, dir, c.scalar, c.vector)
	agree(t, results, c.flows)
	config := lab.ReadConfig(t, dir+"/r.config")
	if got := config.Value["NUM_FLOWS"]; got != fmt.Sprint(len(c.flows)) {
		t.Errorf("configuration: NUM_FLOWS=%s", got)
	}
	packets := make(map[string]uint64)
	for _, f := range c.flows {
		for _, s := range []*lab.Scalars{results.Active, results.Passive} {
			packets[config.Flow(f.id, "PROTOCOL")+" "+s.Side] += s.Counts(t, lab.FlowObject(f.id), "Received").Packets
		}
	}
	return packets
}
