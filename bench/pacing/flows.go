//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"netperfmeter/bench/internal/lab"
	"netperfmeter/bench/internal/ours"
	"netperfmeter/bench/internal/peers"
)

const (
	flowCount = 1000
	flowRate  = 50
	// edge is left out at both ends of a run when CPU time is taken: set-up, results.
	edge = 500 * time.Millisecond
)

// crowd is what a run of many flows yields; both ends and directions together.
type crowd struct {
	slowest, fastest float64 // frames of a flow that were sent, of those planned
	received         float64 // of what was sent
	load             float64 // CPU of both ends, percent of one core, in mid-run
}

// flows runs 1000 flows at 50 frames/s both ways, ours and the bare epoll loop in turn.
func (b *bench) flows(ctx context.Context) ([]*lab.Table, error) {
	t := &lab.Table{
		Title: fmt.Sprintf("%d flows at %d frames/s of %d B, both ways", flowCount, flowRate, frameSize),
		Header: []string{"", "", "slowest flow/configured", "fastest flow/configured", "received/sent",
			"CPU of both sides [% of a core]"},
	}
	type contestant struct {
		name, transport string
		run             func(ctx context.Context, transport string) (crowd, error)
	}
	var list []contestant
	for _, transport := range []string{"udp", "tcp"} {
		list = append(list, contestant{"bare epoll loop", transport, b.bareFlows})
		if b.program != nil {
			list = append(list, contestant{"ours", transport, b.ourFlows})
		}
	}
	all := map[string][]crowd{}
	for round := range b.runs {
		for _, c := range list {
			fmt.Fprintf(os.Stderr, "%d flows, run %d of %d: %s, %s ... ", flowCount, round+1, b.runs, c.name, c.transport)
			result, err := c.run(ctx, c.transport)
			if err != nil {
				if err := b.failed(ctx, c.name+", "+c.transport, err); err != nil {
					return nil, err
				}
				continue
			}
			fmt.Fprintf(os.Stderr, "%+v\n", result)
			all[c.name+c.transport] = append(all[c.name+c.transport], result)
		}
	}
	for _, c := range list {
		addCrowd(t, c.name, c.transport, all[c.name+c.transport])
	}
	return []*lab.Table{t}, nil
}

// addCrowd adds a row: the worst flow of all runs, the median CPU.
func addCrowd(t *lab.Table, name, transport string, runs []crowd) {
	if len(runs) == 0 {
		return
	}
	worst := runs[0]
	var loads []float64
	for _, r := range runs {
		worst.slowest = min(worst.slowest, r.slowest)
		worst.fastest = max(worst.fastest, r.fastest)
		worst.received = min(worst.received, r.received)
		loads = append(loads, r.load)
	}
	t.Add(name, transport, fmt.Sprintf("%.5f", worst.slowest), fmt.Sprintf("%.5f", worst.fastest),
		fmt.Sprintf("%.5f", worst.received), lab.Spread(loads))
}

// bareFlows runs manyflows.c at both ends.
func (b *bench) bareFlows(ctx context.Context, transport string) (crowd, error) {
	port := b.ports.Next()
	side := func(role string) (*lab.Process, *lab.Watch, error) {
		p, err := lab.Start(ctx, b.loops.ManyFlows, role, transport, strconv.Itoa(int(port)), strconv.Itoa(flowCount),
			strconv.Itoa(flowRate), strconv.Itoa(frameSize), strconv.Itoa(b.seconds))
		if err != nil {
			return nil, nil, err
		}
		return p, lab.StartWatch(p.Pid(), watchInterval, false), nil
	}
	passive, passiveWatch, err := side("passive")
	if err != nil {
		return crowd{}, err
	}
	defer passive.Kill()
	if err := lab.WaitListening(ctx, transport, port, 5*time.Second); err != nil {
		return crowd{}, err
	}
	active, activeWatch, err := side("active")
	if err != nil {
		return crowd{}, err
	}
	defer active.Kill()
	var reports [2]bareReport
	for i, p := range []*lab.Process{active, passive} {
		if _, err := p.Wait(time.Duration(b.seconds+10) * time.Second); err != nil {
			return crowd{}, err
		}
		if err := reports[i].read(p.Output()); err != nil {
			return crowd{}, err
		}
	}
	first, last := time.UnixMicro(reports[0].first).Add(edge), time.UnixMicro(reports[0].last).Add(-edge)
	return crowd{
		slowest:  min(reports[0].slowest, reports[1].slowest),
		fastest:  max(reports[0].fastest, reports[1].fastest),
		received: float64(reports[0].received+reports[1].received) / float64(reports[0].sent+reports[1].sent),
		load:     load(samplesOf(activeWatch), first, last) + load(samplesOf(passiveWatch), first, last),
	}, nil
}

// bareReport is the line that a side of manyflows prints.
type bareReport struct {
	first, last      int64
	sent, received   uint64
	slowest, fastest float64
}

func (r *bareReport) read(text string) error {
	_, err := fmt.Sscanf(text, "first %d last %d sent %d received %d slowest %f fastest %f",
		&r.first, &r.last, &r.sent, &r.received, &r.slowest, &r.fastest)
	if err != nil {
		return fmt.Errorf("reading the bare loop's report %q: %w", text, err)
	}
	return nil
}

// ourFlows does the same with our two processes.
func (b *bench) ourFlows(ctx context.Context, transport string) (crowd, error) {
	both := fmt.Sprintf("const%d:const%d", flowRate, frameSize)
	r, err := b.program.Run(ctx, ours.Job{
		Flows:   []string{"-" + transport, both + ":" + both, "-count=" + strconv.Itoa(flowCount)},
		Seconds: b.seconds,
		Port:    b.ports.Next() + 1,
		After:   b.after,
		Watch:   watchInterval,
	})
	if err != nil {
		return crowd{}, err
	}
	defer r.Remove()
	first := time.UnixMicro(int64(r.Active[ours.Flow(0)]["First Transmission"])).Add(edge)
	last := time.UnixMicro(int64(r.Active[ours.Flow(0)]["Last Transmission"])).Add(-edge)
	result := crowd{load: load(r.ActiveSamples, first, last) + load(r.PassiveSamples, first, last)}
	result.slowest, result.fastest = extremes(r, flowCount, flowRate, true)
	sent := r.Active["total"]["Transmitted Packets"] + r.Passive["total"]["Transmitted Packets"]
	result.received = (r.Active["total"]["Received Packets"] + r.Passive["total"]["Received Packets"]) / sent
	if transport == string(peers.TCP) {
		for id := range flowCount {
			if err := r.CheckFlow(id); err != nil {
				return result, err
			}
		}
	}
	return result, nil
}

// extremes returns the least and the most that a flow sent of the frames that
// were planned for the run: those from the first to the last over their time
// would tell how late these two were.
func extremes(r *ours.Run, flows int, rate float64, both bool) (slowest, fastest float64) {
	sides := []ours.Scalars{r.Active}
	if both {
		sides = append(sides, r.Passive)
	}
	slowest = 1e9
	planned := rate * float64(r.Job.Seconds)
	for _, side := range sides {
		for id := range flows {
			share := side[ours.Flow(id)]["Transmitted Frames"] / planned
			slowest, fastest = min(slowest, share), max(fastest, share)
		}
	}
	return slowest, fastest
}

// watchInterval is how often CPU times are looked at; they count in steps of 10 ms.
const watchInterval = 100 * time.Millisecond

func samplesOf(w *lab.Watch) []lab.Sample {
	samples, _ := w.Stop()
	return samples
}

// load returns the CPU use of a process between two moments in percent of a core.
func load(samples []lab.Sample, from, until time.Time) float64 {
	cpu, span := lab.CPUBetween(samples, from, until)
	if span <= 0 {
		return 0
	}
	return 100 * cpu.Seconds() / span.Seconds()
}
