package stats

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"netperfmeter/wire"
)

// Scalars is what one side's scalar file says about a measurement.
type Scalars struct {
	Flows []FlowScalars // in the order in which they were added
	// FirstEvent and LastEvent are the first statistics event and the moment
	// of STOP, in microseconds since the epoch. The total's rates are over the
	// time between them.
	FirstEvent, LastEvent int64
	Span                  int64     // between them, if the wall clock was set; 0: their difference
	CPUs                  []CPULoad // over the measurement
	TotalCPU              CPULoad
	TotalExtra            []NameValue    // further lines for the total
	Objects               []ScalarObject // further objects, at the end of the file
}

// FlowScalars is what one side knows of one flow: what it sent and what it
// received, the latter with the other side's losses.
type FlowScalars struct {
	ID       wire.FlowID
	Sent     SentStats
	Received ReceivedStats
	// Delay and Jitter summarise every message received, in milliseconds; nil:
	// unknown.
	Delay, Jitter *Summary
	// ConfiguredRate is the frame rate that was asked for, in frames per
	// second; 0: none was (saturated or idle), or it is unknown.
	ConfiguredRate float64
	// AchievedRate is the frame rate that was kept; only with a ConfiguredRate.
	AchievedRate float64
	Gaps         GapList // of the received
	Extra        []NameValue
}

// ScalarObject is a further object of a scalar file. Its name comes after
// "netPerfMeter.active." or "netPerfMeter.passive.".
type ScalarObject struct {
	Name   string
	Values []NameValue
}

// NameValue is one further line of an object. Integer and Real make them.
type NameValue struct {
	Name, Value string
}

// Integer is a line with a whole number.
func Integer[N ~int | ~int64 | ~uint64](name string, v N) NameValue {
	if v < 0 {
		return NameValue{name, strconv.FormatInt(int64(v), 10)}
	}
	return NameValue{name, strconv.FormatUint(uint64(v), 10)}
}

// Real is a line with a real number. What is not known, NaN, gives a NameValue
// without a value, of which no line is written.
func Real(name string, v float64) NameValue {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return NameValue{Name: name}
	}
	return NameValue{name, formatReal(v)}
}

func formatReal(v float64) string {
	text := strconv.FormatFloat(v, 'f', 6, 64)
	if text == "-0.000000" {
		return "0.000000"
	}
	return text
}

// nameColumn is the width to which quoted names are padded, so that the values
// of the names that the reference writes stand in one column. Longer names of
// ours are followed by a single blank.
const nameColumn = len(`"Transmitted Packet Rate"`)

// WriteScalars writes the scalar file of one side, "active" or "passive". What
// the reference does not have follows its names at the end of each object, and
// after totalCPU come the further objects: its order is the order of its lines
// among themselves, and readers find a value by object and name.
func WriteScalars(w io.Writer, side string, s Scalars) error {
	out := &scalarWriter{Writer: bufio.NewWriter(w), prefix: "netPerfMeter." + side + "."}
	for i := range s.Flows {
		f := &s.Flows[i]
		out.object = fmt.Sprintf("flow[%d]", f.ID)
		out.flow(f)
		out.values(f.furtherLines())
		out.values(f.Extra)
	}
	out.object = "total"
	out.total(&s)
	out.values(s.furtherLines())
	out.values(s.TotalExtra)
	for i := range s.CPUs {
		out.object = fmt.Sprintf("CPU[%d]", i+1)
		out.cpu(&s.CPUs[i])
	}
	out.object = "totalCPU"
	out.cpu(&s.TotalCPU)
	for _, o := range s.Objects {
		out.object = cleanDescription(o.Name)
		out.values(o.Values)
	}
	return out.Flush()
}

// scalarWriter writes lines of one object after the other. Errors stay in its
// bufio.Writer until Flush.
type scalarWriter struct {
	*bufio.Writer
	prefix, object string
}

func (w *scalarWriter) line(name, value string) {
	pad := strings.Repeat(" ", max(0, nameColumn-len(name)-2))
	fmt.Fprintf(w, "scalar \"%s%s\" \"%s\"%s %s\n", w.prefix, w.object, name, pad, value)
}

func (w *scalarWriter) values(lines []NameValue) {
	for _, l := range lines {
		if l.Value != "" {
			w.line(cleanDescription(l.Name), l.Value)
		}
	}
}

func (w *scalarWriter) integer(name string, v uint64) { w.line(name, strconv.FormatUint(v, 10)) }

func (w *scalarWriter) real(name string, v float64) {
	w.line(name, formatReal(v))
}

func (w *scalarWriter) flow(f *FlowScalars) {
	w.line("First Transmission", strconv.FormatInt(f.Sent.First, 10))
	w.line("Last Transmission", strconv.FormatInt(f.Sent.Last, 10))
	w.line("First Reception", strconv.FormatInt(f.Received.First, 10))
	w.line("Last Reception", strconv.FormatInt(f.Received.Last, 10))
	w.traffic("Transmitted", f.Sent.Counts, f.Sent.Elapsed(), true)
	w.traffic("Received", f.Received.Counts, f.Received.Elapsed(), true)
}

func (w *scalarWriter) total(s *Scalars) {
	sent, received, lost := s.sums()
	w.line("First Statistics Event", strconv.FormatInt(s.FirstEvent, 10))
	w.line("Last Statistics Event", strconv.FormatInt(s.LastEvent, 10))
	w.traffic("Transmitted", sent, s.Elapsed(), false)
	w.traffic("Received", received, s.Elapsed(), false)
	w.traffic("Lost", lost, s.Elapsed(), false)
}

// traffic writes amounts and their rates over a time in microseconds.
func (w *scalarWriter) traffic(what string, c Counts, elapsed int64, bits bool) {
	w.integer(what+" Bytes", c.Bytes)
	w.integer(what+" Packets", c.Packets)
	w.integer(what+" Frames", c.Frames)
	if bits {
		w.real(what+" Bit Rate", 8*perSecond(c.Bytes, elapsed))
	}
	w.real(what+" Byte Rate", perSecond(c.Bytes, elapsed))
	w.real(what+" Packet Rate", perSecond(c.Packets, elapsed))
	w.real(what+" Frame Rate", perSecond(c.Frames, elapsed))
}

// perSecond returns the rate of n in a time given in microseconds, 0 if no
// time passed.
func perSecond(n uint64, elapsed int64) float64 {
	if elapsed <= 0 {
		return 0
	}
	return float64(n) / (float64(elapsed) / 1e6)
}

func (w *scalarWriter) cpu(c *CPULoad) {
	for _, v := range []struct {
		name    string
		percent float64
	}{
		{"User", c.User}, {"Nice", c.Nice}, {"System", c.System}, {"Idle", c.Idle}, {"IOWait", c.IOWait},
		{"Hardware Interrupts", c.IRQ}, {"Software Interrupts", c.SoftIRQ}, {"Hypervisor", c.Hypervisor},
	} {
		fmt.Fprintf(w, "scalar \"%s%s\" \"%s\" %.3f\n", w.prefix, w.object, v.name, v.percent)
	}
}

func (s *Scalars) sums() (sent, received, lost Counts) {
	for i := range s.Flows {
		sent = sent.Add(s.Flows[i].Sent.Counts)
		received = received.Add(s.Flows[i].Received.Counts)
		lost = lost.Add(s.Flows[i].Received.Lost)
	}
	return sent, received, lost
}
