// Netperfmeter measures the performance of networks: of TCP, MPTCP and UDP
// flows, in both directions, between an active and a passive side.
//
// This package owns the command line, the signals, the exit status, stdout and
// the live status on stderr. It fills in active.Config or passive.Config and
// leaves the work to those packages. Its goroutines: one that waits for
// signals, and with --embedded one for the passive side.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"netperfmeter/channels"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is the program, from its arguments to its exit status.
func run(args []string, stdout, stderr *os.File) int {
	line, err := parseCommandLine(args)
	if err != nil {
		err = refuseLine(args, line, stdout, err)
		fmt.Fprintln(stderr, reason(err))
		return exitStatus(err)
	}
	switch {
	case line.help:
		io.WriteString(stdout, helpText(optionTable()))
		return exitOkay
	case line.version:
		io.WriteString(stdout, versionText())
		return exitOkay
	case line.completion != "":
		io.WriteString(stdout, shells[line.completion](optionTable()))
		return exitOkay
	}
	p, err := newProgram(args, line, stdout, stderr)
	if err == nil {
		err = p.run()
		p.screen.clear()
	}
	err = p.results.finish(err)
	p.closeLog(err)
	if err != nil {
		fmt.Fprintln(stderr, reason(err))
	}
	return exitStatus(err)
}

// program is what a run of either side needs beside its configuration.
type program struct {
	line    *commandLine
	log     *slog.Logger
	logFile *os.File // nil: the log goes to the screen
	screen  *screen  // stderr
	showing bool     // there is a live status
	stdout  *os.File
	results *results
	until   time.Time // the deadline, zero for none
	lookup  lookupFunc

	available availability

	elapsed time.Duration // since the active side's start, its warm-up included
}

func newProgram(args []string, line *commandLine, stdout, stderr *os.File) (*program, error) {
	p := &program{line: line, stdout: stdout, lookup: net.DefaultResolver.LookupNetIP, available: channels.Available}
	p.screen = &screen{out: stderr, newLine: line.display == displayOn}
	if _, terminal := terminalWidth(stderr); terminal && os.Getenv("TERM") != "dumb" {
		p.screen.newLine = false
		p.screen.width = func() int {
			columns, _ := terminalWidth(stderr)
			return columns
		}
	}
	p.showing = displays(line.display, p.screen.width != nil)
	if line.seed == 0 {
		line.seed = 1 + rand.Uint64N(math.MaxUint64)
	}
	if line.deadline > 0 {
		p.until = time.Now().Add(line.deadline)
	}
	want := line.results
	if line.target.passive || line.capabilities {
		want = wanted{} // nothing is measured
	}
	var err error
	if p.results, err = openResults(args, line, want, stdout); err != nil {
		return p, err
	}
	return p, p.openLog()
}

// openLog makes the logger: lines on the screen, or in a file.
func (p *program) openLog() error {
	var out io.Writer = p.screen
	layout, color := timeOnly, p.screen.width != nil && os.Getenv("NO_COLOR") == ""
	if p.line.logFile != "" {
		mode := os.O_TRUNC
		if p.line.logAppend {
			mode = os.O_APPEND
		}
		file, err := os.OpenFile(p.line.logFile, os.O_WRONLY|os.O_CREATE|mode, 0o666)
		if err != nil {
			return fmt.Errorf("cannot write the log: %w", err)
		}
		p.logFile, out, layout, color = file, file, dateAndTime, false
	}
	if p.line.logColor != "" {
		color = p.line.logColor == "on"
	}
	if p.line.logJSON {
		p.log = slog.New(newJSONHandler(out, p.line.logLevel))
	} else {
		p.log = slog.New(newLineHandler(out, p.line.logLevel, color, layout))
	}
	return nil
}

// closeLog leaves the reason for the end in the log file as well.
func (p *program) closeLog(err error) {
	if p.logFile == nil {
		return
	}
	if err != nil {
		p.log.Log(context.Background(), levelFatal, err.Error())
	}
	p.logFile.Close()
}

// run checks what can be checked before anything starts, and then runs one
// side. The first signal ends its context.
func (p *program) run() error {
	if err := refuseUnavailable(p.line, p.available); err != nil {
		return err
	}
	for _, warning := range p.line.warnings {
		p.warn(warning)
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	finished, finish := context.WithCancel(context.Background())
	defer finish()
	// A pipe whose reader is gone is an error to report, no reason to die.
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go watchSignals(finished, signals, func(s os.Signal) {
		p.log.Info("ending in order; the same again after two seconds ends at once", "signal", s)
		cancel(errInterrupted)
	}, p.kill)
	switch {
	case p.line.capabilities:
		return p.showCapabilities(ctx)
	case p.line.target.passive:
		return p.wait(ctx)
	case p.line.embedded:
		return p.measureEmbedded(ctx)
	}
	return p.measure(ctx)
}

// warn tells of something that the user should know.
func (p *program) warn(text string) {
	p.log.Warn(text)
	p.results.warn(text)
}

// lastWords is how long the results for machines may take to say that the
// program was killed.
const lastWords = time.Second

// kill ends the process at once.
func (p *program) kill(s os.Signal) {
	err := fmt.Errorf("%w at once by a second signal (%v); results are lost", errInterrupted, s)
	finished := make(chan error, 1)
	go func() { finished <- p.results.finish(err) }()
	select {
	case err = <-finished:
	case <-time.After(lastWords):
	}
	p.screen.clear()
	fmt.Fprintln(p.screen, reason(err))
	os.Exit(exitInterrupted)
}
