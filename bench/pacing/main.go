//go:build linux

// Command pacing measures how exactly the program keeps to its rates, in turn with
// a bare C loop and with its peers, and prints Markdown tables for BENCHMARKS.md:
//
//	go run ./bench/pacing [-rows rates,busy,gaps,flows,setup,many,delay] [-runs 5] ...
//
// It needs root or user namespaces, gcc, and the peers that are to be compared
// (bench/README.md). Besides the goroutines of its packages it has none.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"netperfmeter/bench/bareloop"
	"netperfmeter/bench/internal/lab"
	"netperfmeter/bench/internal/ours"
	"netperfmeter/bench/internal/peers"
)

func main() { os.Exit(lab.Main(run)) }

// frameSize is the size of all paced frames in bytes.
const frameSize = 200

// bench is one call of the command.
type bench struct {
	runs, seconds int
	rates         []int // of row rates and busy
	gapRates      []int
	gapSenders    string        // of row gaps, comma-separated; "": all
	beside        int           // frame size of the saturated flow of row busy
	spin          time.Duration // of the bare loop
	after         time.Duration // the longest that results may take after a run
	ports         lab.Ports
	program       *ours.Program // nil: without ours
	reference     *ours.Program // nil: not here
	loops         *bareloop.Programs
	peers         []peers.Peer
	notes         []string
}

// rows are the parts of the benchmark, in the order of the report.
var rows = []struct {
	name string
	run  func(*bench, context.Context) ([]*lab.Table, error)
}{
	{"rates", (*bench).idleRates},
	{"busy", (*bench).busyRates},
	{"gaps", (*bench).gaps},
	{"flows", (*bench).flows},
	{"setup", (*bench).setup},
	{"many", (*bench).many},
	{"delay", (*bench).delays},
}

func run(ctx context.Context) error {
	var b bench
	names := flag.String("rows", "", "comma-separated parts to measure; default: all of "+strings.Join(rowNames(), ","))
	flag.IntVar(&b.runs, "runs", 5, "runs of every contestant in gaps and flows")
	flag.IntVar(&b.seconds, "seconds", 10, "seconds of a run (gaps: half of it)")
	rates := flag.String("rates", "10,100,500,1000,5000,20000,50000", "frames/s for rates and busy")
	gapRates := flag.String("gaprates", "100,1000,10000,20000", "frames/s for gaps")
	flag.StringVar(&b.gapSenders, "senders", "", "comma-separated contestants of gaps as the table calls them; default: all")
	flag.DurationVar(&b.spin, "spin", 60*time.Microsecond, "how long the bare loop spins: as long as ours")
	flag.IntVar(&b.beside, "beside", 16000, "frame size of the saturated flow in busy; small ones take long to write down")
	flag.DurationVar(&b.after, "after", 5*time.Minute, "longest time for the results after a run")
	alone := flag.Bool("peers-only", false, "measure the peers and the bare loops alone")
	flag.Parse()
	if b.runs < 1 || b.seconds < 2 || flag.NArg() > 0 {
		return errors.New("-runs needs at least 1, -seconds 2, and there are no arguments")
	}
	chosen, err := choose(*names)
	if err != nil {
		return err
	}
	if b.rates, err = numbers("-rates", *rates); err != nil {
		return err
	}
	if b.gapRates, err = numbers("-gaprates", *gapRates); err != nil {
		return err
	}
	if err := b.prepare(ctx, *alone); err != nil {
		return err
	}
	defer b.close()
	var tables []*lab.Table
	for _, row := range rows {
		if !slices.Contains(chosen, row.name) {
			continue
		}
		more, err := row.run(&b, ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", row.name, err)
		}
		tables = append(tables, more...)
	}
	return b.report(tables)
}

// prepare builds and finds everything.
func (b *bench) prepare(ctx context.Context, alone bool) (err error) {
	var missing []string
	if b.peers, missing = peers.Find(ctx); len(missing) > 0 {
		b.notes = append(b.notes, "Not installed here: "+strings.Join(missing, ", "))
	}
	if b.loops, err = bareloop.Compile(ctx); err != nil {
		return err
	}
	if b.reference, err = ours.Reference(ctx); err != nil {
		b.notes = append(b.notes, "The reference is left out: "+err.Error())
	} else {
		b.notes = append(b.notes, "Reference: netperfmeter "+b.reference.Version)
	}
	if !alone {
		if b.program, err = ours.Build(ctx); err != nil {
			b.close()
			return err
		}
	}
	return nil
}

func (b *bench) close() {
	b.loops.Close()
	for _, p := range []*ours.Program{b.program, b.reference} {
		if p != nil {
			_ = p.Close()
		}
	}
}

func (b *bench) report(tables []*lab.Table) error {
	fmt.Printf("## Pacing\n\n")
	for _, line := range append(lab.Describe(), peers.Versions(b.peers)) {
		fmt.Println("-", line)
	}
	for _, note := range b.notes {
		fmt.Println("-", note)
	}
	fmt.Println()
	for _, t := range tables {
		if err := t.Write(os.Stdout); err != nil {
			return err
		}
	}
	return nil
}

// failed notes a failed run; the others go on. Only the end of ctx ends them.
func (b *bench) failed(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	fmt.Fprintln(os.Stderr, "FAILED:", err)
	b.notes = append(b.notes, fmt.Sprintf("Failed: %s: %v", what, err))
	return nil
}

func rowNames() []string {
	var names []string
	for _, r := range rows {
		names = append(names, r.name)
	}
	return names
}

func choose(list string) ([]string, error) {
	if list == "" {
		return rowNames(), nil
	}
	chosen := strings.Split(list, ",")
	for _, name := range chosen {
		if !slices.Contains(rowNames(), name) {
			return nil, fmt.Errorf("-rows: there is no %q, only %s", name, strings.Join(rowNames(), ", "))
		}
	}
	return chosen, nil
}

func numbers(option, list string) ([]int, error) {
	var result []int
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%s: %q is no rate", option, text)
		}
		result = append(result, n)
	}
	return result, nil
}
