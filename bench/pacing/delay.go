//go:build linux

package main

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"os"
	"time"

	"netperfmeter/bench/internal/lab"
	"netperfmeter/bench/internal/ours"
	"netperfmeter/test/relay"
)

// delays sends datagrams through a relay that holds them, and compares their
// delays with the relay's own log of each one's entry and exit.
func (b *bench) delays(ctx context.Context) ([]*lab.Table, error) {
	const bar = 100 * time.Microsecond
	t := &lab.Table{
		Title: fmt.Sprintf("Delay through a relay, against its log of each message's entry and exit, 200 frames/s of %d B both ways", frameSize),
		Header: []string{"held for", "", "messages", "median by the log [ms]", "median of the delays [ms]",
			"median distance of a message's two [us]", fmt.Sprintf("&le; %d us", bar.Microseconds())},
	}
	if b.program == nil {
		return nil, nil
	}
	for _, hold := range []time.Duration{0, 2 * time.Millisecond, 20 * time.Millisecond} {
		fmt.Fprintf(os.Stderr, "delay through a relay that holds for %v ... ", hold)
		if err := b.relayed(ctx, t, hold, bar); err != nil {
			if err := b.failed(ctx, "delay", err); err != nil {
				return nil, err
			}
		}
	}
	return []*lab.Table{t}, nil
}

func (b *bench) relayed(ctx context.Context, t *lab.Table, hold, bar time.Duration) error {
	loopback := netip.MustParseAddr("127.0.0.1")
	passive, between := b.ports.Next()+1, b.ports.Next()+1
	r, err := relay.Start(relay.Config{
		Base: netip.AddrPortFrom(loopback, between), Passive: netip.AddrPortFrom(loopback, passive), Delay: hold,
	})
	if err != nil {
		return err
	}
	defer r.Close()
	both := fmt.Sprintf("const200:const%d", frameSize)
	run, err := b.program.Run(ctx, ours.Job{
		Flows: []string{"-udp", both + ":" + both}, Seconds: b.seconds, Vectors: ".vec",
		Port: passive, Target: between, After: b.after,
	})
	if err != nil {
		return err
	}
	defer run.Remove()
	for _, d := range r.Directions() {
		delays, err := ours.Delays(run.VectorFile(d.Outgoing, 0))
		if err != nil {
			return err
		}
		addDelays(t, &d, delays, hold, bar)
	}
	fmt.Fprintln(os.Stderr, "done")
	return nil
}

// addDelays adds the row of one direction.
func addDelays(t *lab.Table, d *relay.Direction, delays map[uint64]time.Duration, hold, bar time.Duration) {
	var logged, measured, distances []float64 // us
	for i := range d.Passages {
		p := &d.Passages[i]
		if delay, ok := delays[p.Seq]; ok {
			logged = append(logged, micros(p.Held()))
			measured = append(measured, micros(delay))
			distances = append(distances, math.Abs(micros(delay-p.Held())))
		}
	}
	way := "in"
	if d.Outgoing {
		way = "out"
	}
	distance, verdict := lab.Median(distances), "met"
	if !(distance <= micros(bar)) || len(delays) == 0 || len(distances) != len(delays) {
		verdict = "**missed**"
	}
	t.Add(hold, way, fmt.Sprintf("%d of %d", len(distances), len(d.Passages)), fmt.Sprintf("%.3f", lab.Median(logged)/1000),
		fmt.Sprintf("%.3f", lab.Median(measured)/1000), fmt.Sprintf("%.0f", distance), verdict)
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
