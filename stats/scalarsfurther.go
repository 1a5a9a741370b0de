package stats

import (
	"fmt"
	"time"
)

// This file has the scalars that the reference does not have. Their names are
// listed in the manual page. Times are milliseconds, except points in time,
// which are microseconds since the epoch.

// furtherLines are the flow's lines after the compatible ones. Loss has been
// in the total only.
func (f *FlowScalars) furtherLines() []NameValue {
	lines := lossLines(&f.Received)
	if f.Received.LongestGap > 0 {
		lines = append(lines,
			Real("Longest Gap", float64(f.Received.LongestGap)/float64(time.Millisecond)),
			Integer("Longest Gap Start", f.Received.GapStart))
	}
	lines = append(lines, f.gapLines()...)
	lines = append(lines, summaryLines("Delay", f.Delay)...)
	if f.Received.Packets > 1 { // jitter begins with the second message
		lines = append(lines, Real("Jitter", f.Received.Jitter))
	}
	lines = append(lines, summaryLines("Jitter", f.Jitter)...)
	lines = append(lines,
		Integer("Skipped Frames", f.Sent.Skipped),
		Integer("Empty Frames", f.Sent.Empty),
		Integer("Dropped Packets", f.Sent.Dropped),
		Integer("Send Calls", f.Sent.Batches),
		Real("Blocked Time", float64(f.Sent.Blocked)/float64(time.Millisecond)))
	if f.ConfiguredRate > 0 {
		lines = append(lines,
			Real("Configured Frame Rate", f.ConfiguredRate),
			Real("Achieved Frame Rate", f.AchievedRate))
	}
	return append(lines, summaryLines("Lateness", f.Sent.Lateness)...)
}

// gapLines list the gaps, on the axis of the vectors' RelTime.
func (f *FlowScalars) gapLines() []NameValue {
	g := &f.Gaps
	if g.Threshold == 0 {
		return nil
	}
	lines := []NameValue{Real("Gap Threshold", milliseconds(g.Threshold)), Integer("Gaps", g.Total)}
	if f.Received.LongestGap > 0 {
		lines = append(lines, Real("Longest Gap RelTime", g.RelTime(f.Received.GapStart)))
	}
	for i := range g.Gaps {
		gap, name := &g.Gaps[i], fmt.Sprintf("Gap %d ", i+1)
		lines = append(lines, Real(name+"RelTime", g.RelTime(gap.Start)), Real(name+"Length", milliseconds(gap.Length)))
		switch {
		case gap.Open:
			lines = append(lines, Integer(name+"Open", 1))
		case gap.Recovery >= 0:
			lines = append(lines, Real(name+"Recovery", milliseconds(gap.Recovery)))
		}
	}
	return lines
}

// furtherLines are the total's lines after the compatible ones.
func (s *Scalars) furtherLines() []NameValue {
	var sum ReceivedStats
	var skipped, empty, dropped uint64
	for i := range s.Flows {
		f := &s.Flows[i]
		sum.Late = sum.Late.Add(f.Received.Late)
		sum.LateDepthMax = max(sum.LateDepthMax, f.Received.LateDepthMax)
		sum.LateDepthTotal += f.Received.LateDepthTotal
		sum.Duplicates = sum.Duplicates.Add(f.Received.Duplicates)
		sum.Undecided = sum.Undecided.Add(f.Received.Undecided)
		skipped += f.Sent.Skipped
		empty += f.Sent.Empty
		dropped += f.Sent.Dropped
	}
	lines := lossLines(&sum)[3:] // the compatible lines have the total's loss
	return append(lines,
		Integer("Skipped Frames", skipped),
		Integer("Empty Frames", empty),
		Integer("Dropped Packets", dropped))
}

// lossLines are what did not come, came late or came twice; loss first.
func lossLines(r *ReceivedStats) []NameValue {
	lines := countLines("Lost", r.Lost)
	lines = append(lines, countLines("Late", r.Late)...)
	if r.Late.Packets > 0 {
		lines = append(lines,
			Integer("Late Depth Maximum", r.LateDepthMax),
			Real("Late Depth Mean", float64(r.LateDepthTotal)/float64(r.Late.Packets)))
	}
	lines = append(lines, countLines("Duplicate", r.Duplicates)...)
	return append(lines, countLines("Undecided", r.Undecided)...)
}

func countLines(what string, c Counts) []NameValue {
	return []NameValue{
		Integer(what+" Bytes", c.Bytes),
		Integer(what+" Packets", c.Packets),
		Integer(what+" Frames", c.Frames),
	}
}

// summaryLines describe a distribution; nothing is said of an empty one.
func summaryLines(what string, s *Summary) []NameValue {
	if s == nil || s.Count() == 0 {
		return nil
	}
	lines := []NameValue{
		Real(what+" Mean", s.Mean()),
		Real(what+" Standard Deviation", s.StdDev()),
		Real(what+" Minimum", s.Min()),
		Real(what+" Maximum", s.Max()),
	}
	for _, p := range []struct {
		name     string
		quantile float64
	}{{"50", 0.5}, {"90", 0.9}, {"99", 0.99}, {"99.9", 0.999}} {
		lines = append(lines, Real(what+" Percentile "+p.name, s.Quantile(p.quantile)))
	}
	return lines
}
