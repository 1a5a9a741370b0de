package main

import (
	"time"

	"netperfmeter/active"
	"netperfmeter/stats"
)

// The lines of --json-lines. docs/results.schema.json has them as "event".

type lineHead struct {
	Event   string `json:"event"`
	Time    int64  `json:"time_us"`
	Elapsed number `json:"elapsed_s"` // since the program's start
}

type startLine struct {
	lineHead
	Version     int           `json:"schema_version"`
	Program     programInfo   `json:"program"`
	CommandLine []string      `json:"command_line"`
	Seed        *string       `json:"seed"`
	Flows       []plannedFlow `json:"flows"`
}

type plannedFlow struct {
	flowHead
	Specification string `json:"specification"`
}

type intervalLine struct {
	lineHead
	intervalRow
}

type transportLine struct {
	lineHead
	flowHead
	Local     *string        `json:"local"`
	Remote    *string        `json:"remote"`
	Transport *transportInfo `json:"transport"`
}

type warningLine struct {
	lineHead
	Message string `json:"message"`
}

type flowLine struct {
	lineHead
	flowInfo
}

type errorLine struct {
	lineHead
	Error errorInfo `json:"error"`
}

type endLine struct {
	lineHead
	ExitStatus  int  `json:"exit_status"`
	Started     bool `json:"started"`
	Interrupted bool `json:"interrupted"`
}

// head begins a line; at is in microseconds since the epoch, 0 for now.
func (r *results) head(event string, at int64) lineHead {
	now := time.Now()
	if at == 0 {
		at = stats.Microseconds(now.UnixNano())
	}
	return lineHead{Event: event, Time: at, Elapsed: number(now.Sub(r.begun).Seconds())}
}

// start writes the first line, once, and the warnings that came before.
func (r *results) start() {
	if r.lines == nil || r.started {
		return
	}
	r.started = true
	line := startLine{
		lineHead: r.head("start", 0), Version: schemaVersion, Program: thisProgram(), CommandLine: r.commandLine, Flows: []plannedFlow{},
	}
	if r.line != nil {
		line.Seed = r.measurement().Seed
	}
	for i := range r.planned {
		f := &r.planned[i]
		line.Flows = append(line.Flows, plannedFlow{newFlowHead(f), f.Spec.String()})
	}
	r.put(line)
	for _, text := range r.warnings {
		r.put(warningLine{r.head("warning", 0), text})
	}
}

// event writes what the measurement tells.
func (r *results) event(e active.Event) {
	switch {
	case r.lines == nil:
	case e.Interval != nil:
		r.put(intervalLine{r.head("interval", e.Time), newIntervalRow(e.Interval)})
	case e.Transport != nil:
		r.transport(e.Time, e.Transport)
	case e.Warning != "":
		r.put(warningLine{r.head("warning", e.Time), e.Warning})
	}
}

// warn notes a warning of the command line.
func (r *results) warn(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.warnings = append(r.warnings, text)
	if r.started {
		r.put(warningLine{r.head("warning", 0), text})
	}
}

// flows writes what is known at last of each flow's transport, and its results.
func (r *results) flows() {
	if r.report == nil || !r.report.Started {
		return
	}
	own, peer := newObjects("active", r.report.Active), newObjects("passive", r.report.Passive)
	for i := range r.report.Flows {
		f := &r.report.Flows[i]
		r.transport(0, f)
		r.put(flowLine{r.head("flow", 0), newFlowInfo(f, own, peer)})
	}
}

func (r *results) transport(at int64, f *active.FlowReport) {
	r.put(transportLine{r.head("transport", at), newFlowHead(f), address(f.Local), address(f.Remote), newTransportInfo(f)})
}

// end writes the last lines.
func (r *results) end(err error) error {
	if r.lines == nil {
		return nil
	}
	r.lines.wait()
	r.start()
	r.flows()
	if info := newErrorInfo(err); info != nil {
		r.put(errorLine{r.head("error", 0), *info})
	}
	last := endLine{lineHead: r.head("end", 0), ExitStatus: exitStatus(err)}
	if r.report != nil {
		last.Started, last.Interrupted = r.report.Started, r.report.Interrupted
	}
	r.put(last)
	return r.lines.close()
}

func (r *results) put(line any) {
	text, err := jsonText(line, "")
	if err != nil {
		text, _ = jsonText(warningLine{r.head("warning", 0), "a line could not be written: " + err.Error()}, "")
	}
	r.lines.put(append(text, '\n'))
}
