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
)

// setup times a whole measurement of 1000 TCP flows, from start to exit.
func (b *bench) setup(ctx context.Context) ([]*lab.Table, error) {
	const seconds, bar = 5, 8
	return b.whole(ctx, whole{
		title: "1000 TCP flows, const10:const200 both ways, vectors on: set-up, 5 s, all results",
		flow:  "const10:const200:const10:const200", flows: 1000, rate: 10, both: true,
		vectors: ".vec", seconds: seconds, bar: bar,
	})
}

// many runs as many flows as descriptors allow with some reserve.
func (b *bench) many(ctx context.Context) ([]*lab.Table, error) {
	return b.whole(ctx, whole{
		title: "8000 TCP flows, const1:const200",
		flow:  "const1:const200", flows: 8000, rate: 1, seconds: b.seconds,
	})
}

// whole is a measurement that is judged from start to exit.
type whole struct {
	title, flow string
	flows       int
	rate        float64
	both        bool
	vectors     string
	seconds     int
	bar         float64 // seconds from start to exit; 0: none
}

func (b *bench) whole(ctx context.Context, w whole) ([]*lab.Table, error) {
	t := &lab.Table{Title: w.title, Header: []string{"start to exit [s]", "first to last message [s]", "flows",
		"slowest flow/configured", "fastest flow/configured", "peak memory active, passive [MB]", "CPU-s active, passive", "bar"}}
	if b.program == nil {
		return nil, nil
	}
	fmt.Fprintf(os.Stderr, "%s ... ", w.title)
	r, err := b.program.Run(ctx, ours.Job{
		Flows:   []string{"-tcp", w.flow, "-count=" + strconv.Itoa(w.flows)},
		Seconds: w.seconds,
		Vectors: w.vectors,
		Port:    b.ports.Next() + 1,
		After:   2 * time.Minute,
	})
	if err != nil {
		return nil, b.failed(ctx, w.title, err)
	}
	defer r.Remove()
	fmt.Fprintln(os.Stderr, r.Elapsed)
	verdict := "none"
	switch {
	case w.bar > 0 && r.Elapsed.Seconds() <= w.bar:
		verdict = fmt.Sprintf("&le; %g s: met", w.bar)
	case w.bar > 0:
		verdict = fmt.Sprintf("&le; %g s: **missed**", w.bar)
	}
	flows := 0
	for id := range w.flows {
		if err := r.CheckFlow(id); err != nil {
			if err := b.failed(ctx, w.title, err); err != nil {
				return nil, err
			}
			continue
		}
		flows++
	}
	slowest, fastest := extremes(r, w.flows, w.rate, w.both)
	t.Add(fmt.Sprintf("%.2f", r.Elapsed.Seconds()), fmt.Sprintf("%.3f", r.Active.Span(0, "Transmission").Seconds()), flows,
		fmt.Sprintf("%.5f", slowest), fmt.Sprintf("%.5f", fastest),
		fmt.Sprintf("%.0f, %.0f", float64(r.Sender.MaxRSS)/1e6, float64(r.Receiver.MaxRSS)/1e6),
		fmt.Sprintf("%.1f, %.1f", r.Sender.CPU().Seconds(), r.Receiver.CPU().Seconds()), verdict)
	return []*lab.Table{t}, nil
}
