//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"netperfmeter/bench/internal/capture"
	"netperfmeter/bench/internal/lab"
	"netperfmeter/bench/internal/ours"
	"netperfmeter/bench/internal/peers"
)

// sender is a contestant that sends UDP at a rate to a port that port returns.
type sender struct {
	name string
	port func(first uint16) uint16
	send func(ctx context.Context, first uint16, rate, seconds int) (lab.Usage, error)
}

// outcome is one run of a sender.
type outcome struct {
	capture.Pace
	load float64 // CPU time of the sending process in percent of the time it sends
}

// gaps captures every sender at every rate, in turn.
func (b *bench) gaps(ctx context.Context) ([]*lab.Table, error) {
	senders, err := selected(b.senders(), b.gapSenders)
	if err != nil {
		return nil, err
	}
	seconds := max(1, b.seconds/2)
	t := &lab.Table{
		Title: "UDP, 200 B: gaps and lateness by the kernel's time stamps, and the sender's CPU",
		Header: []string{"frames/s", "sender", "achieved/configured", "gap std [us]", "gap p99 [us]",
			"lateness p50 [us]", "p90 [us]", "p99 [us]", "CPU [%]"},
	}
	for _, rate := range b.gapRates {
		all := map[string][]outcome{}
		for round := range b.runs {
			for _, s := range senders {
				fmt.Fprintf(os.Stderr, "gaps at %d/s, run %d of %d: %s ... ", rate, round+1, b.runs, s.name)
				o, err := captured(ctx, s, b.ports.Next(), rate, seconds)
				if err != nil {
					if err := b.failed(ctx, fmt.Sprintf("%s at %d/s", s.name, rate), err); err != nil {
						return nil, err
					}
					continue
				}
				fmt.Fprintf(os.Stderr, "%.4f, std %.1f, p99 %.1f, late %.1f, CPU %.0f %%\n",
					o.Share, o.Deviation, o.Gap99, o.Late50, o.load)
				all[s.name] = append(all[s.name], o)
			}
		}
		for _, s := range senders {
			addGaps(t, rate, s.name, all[s.name])
		}
	}
	return []*lab.Table{t}, nil
}

// heldRate is the share of the configured rate below which lateness says nothing.
const heldRate = 0.999

// captured runs one sender under capture.
func captured(ctx context.Context, s sender, first uint16, rate, seconds int) (outcome, error) {
	c, err := capture.Start(s.port(first))
	if err != nil {
		return outcome{}, err
	}
	usage, err := s.send(ctx, first, rate, seconds)
	packets, e := c.Stop()
	if err := errors.Join(err, e); err != nil {
		return outcome{}, err
	}
	pace, err := capture.Measure(packets, frameSize, float64(rate))
	return outcome{pace, 100 * usage.CPU().Seconds() / float64(seconds)}, err
}

// addGaps adds the medians of a sender's runs.
func addGaps(t *lab.Table, rate int, name string, runs []outcome) {
	cells := []any{rate, name}
	median := func(value func(o outcome) float64) float64 {
		var values []float64
		for _, o := range runs {
			values = append(values, value(o))
		}
		return lab.Median(values)
	}
	share := median(func(o outcome) float64 { return o.Share })
	cells = append(cells, fmt.Sprintf("%.4f", share))
	for _, value := range []func(o outcome) float64{
		func(o outcome) float64 { return o.Deviation },
		func(o outcome) float64 { return o.Gap99 },
	} {
		cells = append(cells, median(value))
	}
	for _, value := range []func(o outcome) float64{
		func(o outcome) float64 { return o.Late50 },
		func(o outcome) float64 { return o.Late90 },
		func(o outcome) float64 { return o.Late99 },
	} {
		if share < heldRate {
			cells = append(cells, "-") // it only grows
			continue
		}
		cells = append(cells, median(value))
	}
	t.Add(append(cells, median(func(o outcome) float64 { return o.load }))...)
}

// senders returns all contestants. The bare loop is there twice, to show how much
// it differs from itself.
func (b *bench) senders() []sender {
	list := []sender{b.bare("bare loop")}
	if b.program != nil {
		economical := *b.program
		economical.Options = []string{"--timer=economical"}
		list = append(list, b.measured("ours", b.program), b.measured("ours (economical timer)", &economical))
	}
	list = append(list, b.bare("bare loop again"))
	if b.reference != nil {
		list = append(list, b.measured("netperfmeter "+b.reference.Version, b.reference))
	}
	for _, p := range b.peers {
		list = append(list, paced(p))
	}
	return list
}

// selected returns the senders with the given comma-separated names; "": all.
func selected(all []sender, names string) ([]sender, error) {
	if names == "" {
		return all, nil
	}
	var list []sender
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(all, func(s sender) bool { return s.name == name })
		if i < 0 {
			var known []string
			for _, s := range all {
				known = append(known, s.name)
			}
			return nil, fmt.Errorf("-senders: %q is none of %s", name, strings.Join(known, ", "))
		}
		list = append(list, all[i])
	}
	return list, nil
}

// bare is the C loop.
func (b *bench) bare(name string) sender {
	return sender{
		name: name,
		port: func(first uint16) uint16 { return first },
		send: func(ctx context.Context, first uint16, rate, seconds int) (lab.Usage, error) {
			port := strconv.Itoa(int(first))
			sink, err := lab.Start(ctx, b.loops.Paced, "sink", port)
			if err != nil {
				return lab.Usage{}, err
			}
			defer sink.Kill()
			if err := lab.WaitListening(ctx, "udp", first, 5*time.Second); err != nil {
				return lab.Usage{}, err
			}
			_, usage, err := lab.Run(ctx, time.Duration(seconds+5)*time.Second, b.loops.Paced, "udp", port,
				strconv.Itoa(rate), strconv.Itoa(frameSize), strconv.Itoa(seconds),
				strconv.FormatInt(b.spin.Microseconds(), 10))
			return usage, err
		},
	}
}

// measured is a program of ours or the reference.
func (b *bench) measured(name string, p *ours.Program) sender {
	return sender{
		name: name,
		port: func(first uint16) uint16 { return first + 1 },
		send: func(ctx context.Context, first uint16, rate, seconds int) (lab.Usage, error) {
			r, err := p.Run(ctx, ours.Job{
				Flows:   []string{"-udp", fmt.Sprintf("const%d:const%d:const0:const0", rate, frameSize)},
				Seconds: seconds,
				Port:    first + 1,
				After:   30 * time.Second,
			})
			if err != nil {
				return lab.Usage{}, err
			}
			return r.Sender, r.Remove()
		},
	}
}

// paced is a peer at a rate.
func paced(p peers.Peer) sender {
	flow := func(first uint16) peers.Flow {
		return peers.Flow{Transport: peers.UDP, Size: frameSize, Port: first}
	}
	return sender{
		name: p.Name,
		port: func(first uint16) uint16 { return p.DataPort(flow(first)) },
		send: func(ctx context.Context, first uint16, rate, seconds int) (lab.Usage, error) {
			f := flow(first)
			f.Rate, f.Seconds = rate, seconds
			r, err := p.Run(ctx, f)
			return r.Sender, err
		},
	}
}
