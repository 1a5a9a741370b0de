package stats

import (
	"io"
	"math"
	"strconv"
	"time"

	"netperfmeter/wire"
)

const globalVectorHeader = "AbsTime\tRelTime\tInterval\tFlowID\tDescription\tJitter\tAction\t" +
	"AbsBytes\tAbsPackets\tAbsFrames\tRelBytes\tRelPackets\tRelFrames\n"

// GlobalEvent is one statistics event: what all flows have counted so far.
type GlobalEvent struct {
	Time     int64         // microseconds since the epoch
	RelTime  time.Duration // since the first event, 0 at that one
	Interval time.Duration // since the event before, 0 at the first
	Flows    []FlowCounters
}

// FlowCounters is what one flow has counted since its start.
type FlowCounters struct {
	ID                   wire.FlowID
	Description          string
	Jitter               float64 // milliseconds
	Sent, Received, Lost Counts
}

// GlobalVector writes the global vector file. It belongs to the goroutine that
// makes the statistics events.
type GlobalVector struct {
	w     io.Writer
	line  uint64
	last  []FlowCounters // of the event before
	total FlowCounters
	text  []byte // reused
	empty bool   // nothing written yet
}

// NewGlobalVector returns a vector without any line yet; the header comes with
// the first event.
func NewGlobalVector(w io.Writer) *GlobalVector {
	return &GlobalVector{w: w, empty: true}
}

// Write writes the lines of one event: three for each flow, three for the
// total. The flows are the same at every event, in the same order; further
// ones may follow. The slice stays the caller's.
func (v *GlobalVector) Write(e GlobalEvent) error {
	text := v.text[:0]
	if v.empty {
		text = append(text, globalVectorHeader...)
		v.empty = false
	}
	var total FlowCounters
	for i := range e.Flows {
		f := &e.Flows[i]
		if i == len(v.last) {
			v.last = append(v.last, FlowCounters{})
		}
		text = v.appendFlow(text, &e, f, &v.last[i], false)
		v.last[i] = *f
		total.Sent = total.Sent.Add(f.Sent)
		total.Received = total.Received.Add(f.Received)
		total.Lost = total.Lost.Add(f.Lost)
	}
	text = v.appendFlow(text, &e, &total, &v.total, true)
	v.total = total
	v.text = text
	_, err := v.w.Write(text)
	return err
}

// appendFlow appends the three lines of a flow or of the total.
func (v *GlobalVector) appendFlow(b []byte, e *GlobalEvent, now, before *FlowCounters, total bool) []byte {
	b = v.appendLine(b, e, now, total, "\t\"Sent\"", now.Sent, before.Sent)
	b = v.appendLine(b, e, now, total, "\t\"Received\"", now.Received, before.Received)
	return v.appendLine(b, e, now, total, "\t\"Lost\"", now.Lost, before.Lost)
}

func (v *GlobalVector) appendLine(b []byte, e *GlobalEvent, f *FlowCounters, total bool, action string, now, before Counts) []byte {
	v.line++
	b = appendLineNumber(b, v.line)
	b = append(b, '\t')
	b = strconv.AppendInt(b, e.Time, 10)
	b = append(b, '\t')
	b = appendFixed(b, e.RelTime.Microseconds(), 6)
	b = append(b, '\t')
	b = appendFixed(b, e.Interval.Microseconds(), 6)
	b = append(b, '\t')
	if total {
		b = append(b, "-1\t\"Total\"\t0"...)
	} else {
		b = strconv.AppendUint(b, uint64(f.ID), 10)
		b = append(b, "\t\""...)
		b = append(b, cleanDescription(f.Description)...)
		b = append(b, "\"\t"...)
		b = appendFixed(b, int64(math.Round(f.Jitter*1000)), 3)
	}
	b = append(b, action...)
	for _, n := range [...]uint64{now.Bytes, now.Packets, now.Frames} {
		b = append(b, '\t')
		b = strconv.AppendUint(b, n, 10)
	}
	change := now.Since(before) // a loss goes down when a late message comes
	for _, n := range [...]int64{change.Bytes, change.Packets, change.Frames} {
		b = append(b, '\t')
		b = strconv.AppendInt(b, n, 10)
	}
	return append(b, '\n')
}
