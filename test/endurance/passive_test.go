//go:build linux

package endurance

import (
	"testing"
	"time"

	"netperfmeter/test/lab"
)

const metricsAt = "127.0.0.1:9190"

// startPassive starts a passive side that can be watched. What it has on its heap is hardly more than it uses.
func startPassive(t *testing.T, n *lab.Namespace) *lab.Process {
	t.Helper()
	c := lab.Ours(t, "9000", "--metrics", metricsAt, "--loglevel=3", "--nodisplay").For(10 * time.Minute)
	c.Env = append(c.Env, "GOGC=10")
	p := n.Start(t, c)
	p.Await(t, "listening", 20*time.Second, func() bool { return n.Listening("tcp", 9001) && n.Listening("udp", 9000) })
	return p
}

// held are figures that say what the passive side holds.
var held = []string{
	"netperfmeter_measurements_running", `netperfmeter_connections{channel="control"}`, `netperfmeter_connections{channel="data"}`,
	`netperfmeter_flows{transport="tcp"}`, `netperfmeter_flows{transport="udp"}`, `netperfmeter_flows{transport="mptcp"}`,
}

// settleTime is the longest time in which a passive side frees what belonged to a peer that is gone, as the manual has it.
const settleTime = 60 * time.Second

// settled waits until the passive side holds nothing, and has no more descriptors and goroutines than before.
func settled(t *testing.T, n *lab.Namespace, p *lab.Process, before lab.Metrics) (now lab.Metrics) {
	t.Helper()
	p.Await(t, "the passive side being as before", settleTime, func() bool {
		_, now = n.Scrape(t, metricsAt)
		for _, name := range held {
			if now[name] != 0 {
				return false
			}
		}
		if before == nil {
			return true
		}
		return now["process_open_fds"] <= before["process_open_fds"] && now["go_goroutines"] <= before["go_goroutines"]
	})
	return now
}

// memoryNoise is how far the heap may differ without anything being kept: it is collected now and then only.
const memoryNoise = 8 << 20

// back compares what the passive side has with what it had; tight says that its heap is collected often.
func back(t *testing.T, before, after lab.Metrics, tight bool) {
	t.Helper()
	for _, name := range []string{"process_open_fds", "go_goroutines", "go_memstats_heap_alloc_bytes", "process_resident_memory_bytes"} {
		t.Logf("%s: %.0f before, %.0f after", name, before[name], after[name])
	}
	if !tight {
		return
	}
	if grown := after["go_memstats_heap_alloc_bytes"] - before["go_memstats_heap_alloc_bytes"]; grown > memoryNoise {
		t.Errorf("the heap has grown by %.0f bytes", grown)
	}
}
