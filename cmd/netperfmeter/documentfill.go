package main

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"netperfmeter/active"
	"netperfmeter/stats"
)

// newDocument makes the document of what is known, without its intervals: the
// report may be nil where the measurement was not even tried.
func (r *results) newDocument(err error) *document {
	d := &document{
		Schema: schemaName, Version: schemaVersion, Program: thisProgram(), CommandLine: r.commandLine,
		Begin: stats.Microseconds(r.begun.UnixNano()), End: stats.Microseconds(time.Now().UnixNano()),
		ExitStatus: exitStatus(err), Error: newErrorInfo(err), Units: units(),
		Warnings: append([]string{}, r.warnings...), Files: []string{}, Flows: []flowInfo{},
	}
	d.Measurement.Omit, d.Measurement.Interval = number(math.NaN()), number(math.NaN())
	d.Active.CPUs, d.Passive.CPUs = []cpuFigures{}, []cpuFigures{}
	if r.line != nil {
		d.Measurement = r.measurement()
		d.Active.Name, d.Passive.Name = r.line.activeName, r.line.passiveName
	}
	report := r.report
	if report == nil {
		report = &active.Report{Flows: r.planned}
	}
	d.Files = append(d.Files, report.Files...)
	d.Warnings = append(d.Warnings, report.Warnings...)
	own, peer := newObjects("active", report.Active), newObjects("passive", report.Passive)
	d.Active.fill(own)
	d.Passive.fill(peer)
	d.Active.Version, d.Passive.Version = known(version), known(report.PassiveVersion)
	d.Active.Environment, d.Passive.Environment = report.ActiveHost, report.PassiveHost
	d.Clock = newClockInfo(report.Clock)
	for i := range report.Flows {
		d.Flows = append(d.Flows, newFlowInfo(&report.Flows[i], own, peer))
	}
	return d
}

func (s *sideInfo) fill(o objects) {
	s.Totals, s.CPU = figures[totalFigures](o, "total"), figures[cpuFigures](o, "totalCPU")
	for n := 1; ; n++ {
		cpu := figures[cpuFigures](o, fmt.Sprintf("CPU[%d]", n))
		if cpu == nil {
			return
		}
		s.CPUs = append(s.CPUs, *cpu)
	}
}

// measurement says what was to be measured, and how far that came.
func (r *results) measurement() measurementInfo {
	line := r.line
	m := measurementInfo{
		Seed: known(strconv.FormatUint(line.seed, 10)), Host: known(line.target.host),
		Omit: number(line.omit.Seconds()), Interval: number(r.interval().Seconds()),
	}
	if line.seed == 0 {
		m.Seed = nil
	}
	if line.runtime > 0 {
		m.Runtime = known(number(line.runtime.Seconds()))
	}
	if line.deadline > 0 {
		m.Deadline = known(number(line.deadline.Seconds()))
	}
	report := r.report
	if report == nil {
		return m
	}
	m.ID = known(fmt.Sprintf("%016x", uint64(report.Measurement)))
	m.Address = known(r.cfg.Remote.String())
	if report.Connected {
		m.Control = known(report.Control.String())
	}
	m.Started, m.Interrupted, m.Joined = report.Started, report.Interrupted, report.Joined
	if report.Started {
		m.Peer = known("same program")
		if report.Foreign {
			m.Peer = known("other program")
		}
		duration := number(float64(report.Last-report.First) / 1e6)
		m.First, m.Last, m.Duration = &report.First, &report.Last, &duration
	}
	return m
}

func newClockInfo(c *stats.ClockResult) *clockInfo {
	if c == nil {
		return nil
	}
	info := clockInfo{
		Exchanges: c.Exchanges, OffsetStart: number(c.OffsetStart), OffsetEnd: number(c.OffsetEnd), Bound: number(c.Bound),
		Drift: number(c.Drift), DriftBound: number(c.DriftBound), RoundTrip: number(c.RoundTrip), Steady: c.Steady,
		Corrected: c.Corrected, CorrectionBound: number(math.NaN()),
	}
	if c.Corrected {
		info.CorrectionBound = number(c.CorrectionBound)
	}
	return &info
}

func newFlowInfo(f *active.FlowReport, own, peer objects) flowInfo {
	object := fmt.Sprintf("flow[%d]", f.ID)
	info := flowInfo{
		flowHead: newFlowHead(f), Specification: f.Spec.String(), Local: address(f.Local), Remote: address(f.Remote),
		Transport: newTransportInfo(f),
		Outgoing:  directionInfo{Idle: f.Spec.Outgoing.Idle(), Sender: figures[senderFigures](own, object), Receiver: figures[receiverFigures](peer, object)},
		Incoming:  directionInfo{Idle: f.Spec.Incoming.Idle(), Sender: figures[senderFigures](peer, object), Receiver: figures[receiverFigures](own, object)},
	}
	return info
}

func newFlowHead(f *active.FlowReport) flowHead {
	return flowHead{Flow: uint32(f.ID), Stream: uint16(f.Stream), Description: strings.ToValidUTF8(f.Description, "?"), Protocol: f.Protocol.String()}
}

// newTransportInfo is nil where nothing is known.
func newTransportInfo(f *active.FlowReport) *transportInfo {
	t := transportInfo{Active: f.Transport.Active, Passive: f.Transport.Passive, Verdict: f.Transport.Verdict, FellBack: f.Transport.FellBack}
	return known(t)
}

func address(a netip.AddrPort) *string {
	if !a.IsValid() {
		return nil
	}
	return known(a.String())
}

// errorKinds are the exit statuses in a word.
var errorKinds = map[int]string{
	exitUsage: "usage", exitUnreachable: "unreachable", exitRefused: "refused", exitRequirement: "requirement",
	exitAborted: "aborted", exitResults: "results", exitInterrupted: "interrupted",
}

func newErrorInfo(err error) *errorInfo {
	if err == nil {
		return nil
	}
	status := exitStatus(err)
	return &errorInfo{
		Kind: errorKinds[status], Status: status, Deadline: errors.Is(err, active.ErrDeadline), Message: message(err),
	}
}

func thisProgram() programInfo {
	p := programInfo{Name: "netperfmeter", Version: version, Go: runtime.Version(), System: runtime.GOOS, Machine: runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				p.Revision = setting.Value
			}
		}
	}
	return p
}
