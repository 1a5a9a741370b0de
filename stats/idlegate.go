package stats

import (
	"time"

	"netperfmeter/sys"
)

const (
	// gateInterval is how often the CPUs are looked at; their accounts
	// advance in steps of 10 ms.
	gateInterval = 250 * time.Millisecond
	// gateIdle is how much of one CPU nobody may want for the gate to open.
	gateIdle = 0.75
)

// idleGate says whether a writer may use the CPU during a run. Low priority
// alone is not enough: a thread that waits for a CPU in the middle of Go code
// holds up the garbage collector, and that everything else in the process.
// Where the system does not say what its CPUs do, the gate is open.
type idleGate struct {
	read func() ([]sys.CPUTimes, error)
	last []sys.CPUTimes
	at   time.Time // of last
	idle bool
}

// open reports whether a CPU was idle lately. It is closed until there are two
// looks to compare.
func (g *idleGate) open() bool {
	now := time.Now()
	if now.Sub(g.at) < gateInterval {
		return g.idle
	}
	cpus, err := g.read()
	if err != nil {
		return true
	}
	g.idle = g.last != nil && idleCPUs(g.last, cpus) >= gateIdle
	g.last, g.at = cpus, now
	return g.idle
}

// idleCPUs returns how many CPUs' worth of time was left for a writer between
// two looks. What runs at low priority counts as idle: it is the writers.
func idleCPUs(before, after []sys.CPUTimes) float64 {
	idle := 0.0
	for i, load := range Loads(before, after) {
		if i > 0 { // 0 is the total
			idle += (load.Idle + load.IOWait + load.Nice) / 100
		}
	}
	return idle
}
