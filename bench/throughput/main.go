//go:build linux

// Command throughput measures how fast the program is beside its peers, in turn
// on the same machine, and prints Markdown tables for BENCHMARKS.md:
//
//	go run ./bench/throughput [-rows tcp1400,udp200,...] [-runs 5] [-seconds 5]
//
// It needs to be root or to have user namespaces, and the peers that are to be
// compared (bench/README.md). It starts one program at a time and has no
// goroutines of its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"netperfmeter/bench/internal/lab"
	"netperfmeter/bench/internal/ours"
	"netperfmeter/bench/internal/peers"
)

func main() { os.Exit(lab.Main(run)) }

// bench is one call of the command.
type bench struct {
	seconds   int
	after     time.Duration // the longest that results may take after a run
	ports     lab.Ports
	program   *ours.Program // nil: peers alone
	reference *ours.Program // nil: not here
	peers     []peers.Peer
	notes     []string
}

func run(ctx context.Context) error {
	names := flag.String("rows", "", "comma-separated rows to measure; default: all of "+strings.Join(rowNames(), ","))
	runs := flag.Int("runs", 5, "runs of every contestant")
	seconds := flag.Int("seconds", 5, "seconds of a run")
	after := flag.Duration("after", 5*time.Minute, "longest time for the results after a run")
	alone := flag.Bool("peers-only", false, "measure the peers alone")
	flag.Parse()
	if *runs < 1 || *seconds < 1 || flag.NArg() > 0 {
		return errors.New("-runs and -seconds need at least 1, and there are no arguments")
	}
	chosen, err := chooseRows(*names)
	if err != nil {
		return err
	}
	b := &bench{seconds: *seconds, after: *after}
	var missing []string
	if b.peers, missing = peers.Find(ctx); len(missing) > 0 {
		b.notes = append(b.notes, "Not installed here: "+strings.Join(missing, ", "))
	}
	if !*alone {
		if b.program, err = ours.Build(ctx); err != nil {
			return err
		}
		defer b.program.Close()
	}
	if b.reference, err = ours.Reference(ctx); err != nil {
		b.notes = append(b.notes, "The reference is left out: "+err.Error())
	} else {
		b.notes = append(b.notes, "Reference: netperfmeter "+b.reference.Version)
		defer b.reference.Close()
	}
	results, err := b.rounds(ctx, b.contestants(chosen), *runs)
	if err != nil {
		return err
	}
	return b.report(chosen, results)
}

// rounds runs all contestants in turn, A B C A B C, so that what changes on the
// machine meanwhile meets all of them alike. A contestant's failed run is told and
// is missing from its results; only the end of ctx ends the rounds.
func (b *bench) rounds(ctx context.Context, list []contestant, runs int) (results, error) {
	all := results{}
	for round := range runs {
		for _, c := range list {
			fmt.Fprintf(os.Stderr, "run %d of %d: %s ... ", round+1, runs, c.name)
			s, err := c.run(ctx)
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "FAILED:", err)
				b.notes = append(b.notes, fmt.Sprintf("Failed: %s, run %d: %v", c.name, round+1, err))
				continue
			}
			fmt.Fprintln(os.Stderr, s)
			all[c.name] = append(all[c.name], s)
		}
	}
	return all, nil
}

// report prints everything.
func (b *bench) report(chosen []row, all results) error {
	fmt.Printf("## Throughput\n\n")
	for _, line := range append(lab.Describe(), peers.Versions(b.peers)) {
		fmt.Println("-", line)
	}
	for _, note := range b.notes {
		fmt.Println("-", note)
	}
	fmt.Println()
	bars := lab.Table{Header: []string{"", "ours, median (range)", "compared with", "its median (range)", "ratio", "bar", ""}}
	for _, r := range chosen {
		r.compare(&bars, all)
	}
	if err := bars.Write(os.Stdout); err != nil {
		return err
	}
	return everything(b.contestants(chosen), all).Write(os.Stdout)
}
