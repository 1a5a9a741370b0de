package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"netperfmeter/active"
	"netperfmeter/flow"
)

// results are the results for machines: the document of --json, the lines of
// --json-lines, the table of --csv. They are written however the program ends.
// The main goroutine has it; event and finish may be called by others.
type results struct {
	commandLine []string
	line        *commandLine // nil: it could not be read
	begun       time.Time
	json, csv   *resultOutput // nil: not wanted, like the next one
	lines       *lineWriter
	finished    atomic.Bool

	mu       sync.Mutex          // guards all below
	planned  []active.FlowReport // what the command line asks for
	started  bool                // the first line is written
	warnings []string            // of the command line and, later, of the measurement
	cfg      active.Config       // of the measurement that was tried at last
	report   *active.Report      // nil: none was
}

// openResults creates the files. An error leaves those that could be created.
func openResults(args []string, line *commandLine, w wanted, stdout *os.File) (*results, error) {
	r := &results{commandLine: append([]string{"netperfmeter"}, args...), line: line, begun: time.Now()}
	if w.lines {
		r.lines = newLineWriter(stdout)
	}
	var errs [2]error
	r.json, errs[0] = openOutput(w.json, stdout)
	r.csv, errs[1] = openOutput(w.csv, stdout)
	if err := errors.Join(errs[:]...); err != nil {
		return r, fmt.Errorf("%w: %w", active.ErrResults, err)
	}
	return r, nil
}

// refuseLine writes what can be written of a wrong command line: that it was.
func refuseLine(args []string, line *commandLine, stdout *os.File, err error) error {
	r, e := openResults(args, line, wantedIn(args), stdout)
	return r.finish(errors.Join(err, e))
}

// detailed tells whether the measurement has to keep what goes into them.
func (r *results) detailed() bool { return r.json != nil || r.csv != nil || r.lines != nil }

// interval is the time between two statistics events.
func (r *results) interval() time.Duration {
	if r.line != nil && r.line.interval > 0 {
		return r.line.interval
	}
	return flow.DefaultInterval
}

// plan says which flows are to be measured.
func (r *results) plan(flows []lineFlow) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range flows {
		s := f.spec
		r.planned = append(r.planned, active.FlowReport{ID: s.ID, Stream: s.Stream, Description: s.Description, Protocol: s.Protocol, Spec: s})
	}
	r.start()
}

// keep takes what a measurement gave.
func (r *results) keep(cfg active.Config, report *active.Report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cfg, r.report = cfg, report
}

// finish writes everything, once: err is why the program ends. It returns that
// error and what went wrong with the writing.
func (r *results) finish(err error) error {
	if r.finished.Swap(true) {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	failed := func(e error) {
		if e != nil {
			err = errors.Join(err, fmt.Errorf("%w: %w", active.ErrResults, e))
		}
	}
	table := func(w io.Writer) error { return writeTable(w, r.report) }
	if aside, e := r.csv.writeAside(r.unsound(err), table); aside != "" {
		r.warnings = append(r.warnings, "this run has failed: the table of an earlier one stays, its own is "+aside)
	} else {
		failed(e)
	}
	failed(r.json.write(func(w io.Writer) error { return r.writeDocument(w, err) }))
	failed(r.end(err))
	return err
}

// unsound tells whether a run has failed, so that its table is none to put in
// the place of an earlier one. One that was interrupted has not.
func (r *results) unsound(err error) bool {
	return err != nil && !(exitStatus(err) == exitInterrupted && r.report != nil && r.report.Started)
}

// writeDocument writes the document, its intervals a row at a time: there may
// be very many.
func (r *results) writeDocument(w io.Writer, err error) error {
	head, e := jsonText(r.newDocument(err), " ")
	if e != nil {
		return e
	}
	text, found := strings.CutSuffix(string(head), "null\n}") // where the intervals stand, the last field
	if !found {
		return errors.New("the document has no place for intervals")
	}
	io.WriteString(w, text+"[")
	separator := "\n  "
	if r.report != nil {
		for i := range r.report.Intervals() {
			row, e := jsonText(newIntervalRow(&i), "")
			if e != nil {
				return e
			}
			io.WriteString(w, separator)
			if _, e = w.Write(row); e != nil {
				return e
			}
			separator = ",\n  "
		}
	}
	_, e = io.WriteString(w, "]\n}\n")
	return e
}
