//go:build linux

package main

import (
	"context"
	"fmt"
	"math"
	"os"

	"netperfmeter/bench/internal/lab"
	"netperfmeter/bench/internal/ours"
)

// idleRates asks for one rate at a time, with nothing else running.
func (b *bench) idleRates(ctx context.Context) ([]*lab.Table, error) {
	return b.rateTable(ctx, "Achieved over configured rate, 200 B", "", nil, 0.0005)
}

// busyRates does it beside a saturated TCP flow with bzip2 vectors in the same process.
func (b *bench) busyRates(ctx context.Context) ([]*lab.Table, error) {
	saturated := []string{"-tcp", fmt.Sprintf("const0:const%d:const0:const0", b.beside)}
	title := fmt.Sprintf("The same beside a saturated TCP flow of %d B frames with bzip2 vectors", b.beside)
	return b.rateTable(ctx, title, ".vec.bz2", saturated, 0.001)
}

func (b *bench) rateTable(ctx context.Context, title, vectors string, beside []string, bar float64) ([]*lab.Table, error) {
	t := &lab.Table{Title: title, Header: []string{"", "frames/s", "sent/configured", "received/configured",
		"from first to last frame", "frames sent", "of", fmt.Sprintf("1 &plusmn; %g", bar)}}
	if b.program == nil {
		return nil, nil
	}
	for _, transport := range []string{"udp", "tcp"} {
		for _, rate := range b.rates {
			what := fmt.Sprintf("%s at %d/s", transport, rate)
			fmt.Fprintf(os.Stderr, "%s: %s ... ", title, what)
			flows := append([]string{"-" + transport, fmt.Sprintf("const%d:const%d", rate, frameSize)}, beside...)
			r, err := b.program.Run(ctx, ours.Job{Flows: flows, Seconds: b.seconds, Vectors: vectors,
				Port: b.ports.Next() + 1, After: b.after})
			if err == nil {
				err = addRate(t, r, transport, rate, bar)
			}
			if err != nil {
				if err := b.failed(ctx, title+", "+what, err); err != nil {
					return nil, err
				}
			}
		}
	}
	return []*lab.Table{t}, nil
}

// addRate adds the row of flow 0 and checks its files.
func addRate(t *lab.Table, r *ours.Run, transport string, rate int, bar float64) error {
	defer r.Remove()
	// Over the measured interval: the rate from the first to the last frame would be that of how late these two were.
	interval := (r.Active["total"]["Last Statistics Event"] - r.Active["total"]["First Statistics Event"]) / 1e6
	planned := float64(rate) * interval
	sent := r.Active[ours.Flow(0)]["Transmitted Frames"] / planned
	received := r.Passive[ours.Flow(0)]["Received Frames"] / planned
	span := r.Active.Rate(0, "Transmitted") / float64(rate)
	fmt.Fprintf(os.Stderr, "%.5f sent, %.5f received\n", sent, received)
	verdict := "met"
	if !(math.Abs(sent-1) <= bar) {
		verdict = "**missed**"
	}
	t.Add(transport, rate, fmt.Sprintf("%.5f", sent), fmt.Sprintf("%.5f", received), fmt.Sprintf("%.5f", span),
		fmt.Sprintf("%.0f", r.Active[ours.Flow(0)]["Transmitted Frames"]), rate*r.Job.Seconds, verdict)
	if transport == "tcp" {
		if err := r.CheckFlow(0); err != nil {
			return err
		}
	}
	if r.Job.Vectors != "" {
		_, err := r.CheckVector(transport == "tcp")
		return err
	}
	return nil
}
