package flow

import (
	"math"

	"netperfmeter/stats"
	"netperfmeter/sys"
	"netperfmeter/wire"
)

// cpuWatch takes the CPUs' accounts at both ends of a measurement.
type cpuWatch struct {
	before, after []sys.CPUTimes
	user, system  [2]float64 // seconds of this process, at both ends
}

// begin and end leave the accounts empty where the system has none.
func (c *cpuWatch) begin() {
	c.before, _ = sys.ReadCPU()
	user, system := sys.ProcessCPU()
	c.user[0], c.system[0] = user.Seconds(), system.Seconds()
}

func (c *cpuWatch) end() {
	c.after, _ = sys.ReadCPU()
	user, system := sys.ProcessCPU()
	c.user[1], c.system[1] = user.Seconds(), system.Seconds()
}

// Scalars sums the measurement up. It is for the time after Close.
func (m *Measurement) Scalars() stats.Scalars {
	s := stats.Scalars{FirstEvent: m.statistics.first, LastEvent: m.statistics.last}
	stepped := len(m.statistics.steps) > 0
	if stepped {
		s.Span = m.statistics.measured().Microseconds()
	}
	for _, f := range m.Flows() {
		flow := f.scalars(&s, stepped)
		if rate, steady := f.steadyRate(); steady {
			flow.ConfiguredRate, flow.AchievedRate = rate, achieved(flow.Sent, rate, m.planned(rate, s.Elapsed()))
		}
		flow.Extra = append(flow.Extra, intervalRates(flow, s.Elapsed())...)
		s.Flows = append(s.Flows, flow)
	}
	if loads := stats.Loads(m.cpu.before, m.cpu.after); len(loads) > 0 {
		s.TotalCPU, s.CPUs = loads[0], loads[1:]
	}
	s.TotalExtra = []stats.NameValue{
		stats.Integer("Seed", m.cfg.Seed),
		stats.Real("Process User Time", m.cpu.user[1]-m.cpu.user[0]),
		stats.Real("Process System Time", m.cpu.system[1]-m.cpu.system[0]),
		stats.Integer("Clock Steps", int64(len(m.statistics.steps))),
	}
	for _, step := range m.statistics.steps {
		s.TotalExtra = append(s.TotalExtra,
			stats.Integer("Clock Step At", step.At), stats.Real("Clock Step Seconds", step.Step.Seconds()))
	}
	return s
}

// steadyRate is the frame rate that a flow should have all the time; false if
// there is none: a random rate, an on/off list, a saturated or idle flow.
func (f *Flow) steadyRate() (float64, bool) {
	out := f.Spec.Outgoing
	rate := out.Rate.Values[0]
	return rate, f.sender != nil && !out.Idle() && out.Rate.Kind == wire.Constant && rate > 0 && len(f.Spec.OnOff) == 0
}

// planned is how many frames of a steady rate belong to the measured interval,
// which lasted so many microseconds. It does not end before the peer, or the
// user, has asked for it, which on a busy machine is later than the last frame
// that is planned.
func (m *Measurement) planned(rate float64, elapsed int64) float64 {
	from := m.cfg.Omit.Seconds()
	until := from + float64(elapsed)/1e6
	if m.cfg.Runtime > 0 {
		until = min(until, m.cfg.Runtime.Seconds())
	}
	return framesBefore(rate, until) - framesBefore(rate, from)
}

// framesBefore counts the frames of a steady rate whose instants, from 0 on, are
// before a number of seconds.
func framesBefore(rate, seconds float64) float64 {
	const exact = 1e-6 // of a frame: seconds that are a frame's instant are not before it
	return math.Ceil(rate*seconds - exact)
}

// achieved is the part of a steady rate that was kept: frames that left, of
// those that were planned for the measured interval. Frames over the time
// from the first to the last would depend on how late these two were.
func achieved(s stats.SentStats, rate, planned float64) float64 {
	if planned < 1 {
		return 0
	}
	return rate * float64(s.Frames+s.Empty) / planned
}

// intervalRates are rates over the measured interval. Those that the reference
// writes are over the time from the first to the last message.
func intervalRates(f stats.FlowScalars, elapsed int64) []stats.NameValue {
	return []stats.NameValue{
		stats.Real("Transmitted Bit Rate Over Interval", 8*stats.PerSecond(f.Sent.Bytes, 0, elapsed)),
		stats.Real("Transmitted Packet Rate Over Interval", stats.PerSecond(f.Sent.Packets, 0, elapsed)),
		stats.Real("Transmitted Frame Rate Over Interval", stats.PerSecond(f.Sent.Frames, 0, elapsed)),
		stats.Real("Received Bit Rate Over Interval", 8*stats.PerSecond(f.Received.Bytes, 0, elapsed)),
		stats.Real("Received Packet Rate Over Interval", stats.PerSecond(f.Received.Packets, 0, elapsed)),
		stats.Real("Received Frame Rate Over Interval", stats.PerSecond(f.Received.Frames, 0, elapsed)),
	}
}

func btoi(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// omitted says what a warm-up was that the other figures do not have.
func omitted(what string, c stats.Counts) []stats.NameValue {
	if c.Packets == 0 {
		return nil
	}
	return []stats.NameValue{
		stats.Integer("Omitted "+what+" Bytes", c.Bytes),
		stats.Integer("Omitted "+what+" Packets", c.Packets),
		stats.Integer("Omitted "+what+" Frames", c.Frames),
	}
}

// spans says how long the flow was sending and receiving where the wall clock,
// which the times of the first and the last message are of, was set.
func (f *Flow) spans(s *stats.FlowScalars) {
	if f.sender != nil {
		s.Sent.Span = f.sender.span().Microseconds()
	}
	s.Received.Span = f.Receiver.span().Microseconds()
}

func (f *Flow) scalars(all *stats.Scalars, stepped bool) stats.FlowScalars {
	s := stats.FlowScalars{ID: f.Flow}
	var warmSent, warmReceived stats.Counts
	if f.sender != nil {
		s.Sent, warmSent = f.sender.Measured()
	}
	s.Received, warmReceived = f.Receiver.Measured()
	if stepped {
		f.spans(&s)
	}
	s.Delay, s.Jitter = f.Receiver.Summaries()
	s.Gaps = f.Receiver.Gaps()
	s.Gaps.Base = all.FirstEvent
	kernelTimes, final := f.Receiver.Knowledge()
	s.Extra = append(omitted("Transmitted", warmSent), omitted("Received", warmReceived)...)
	s.Extra = append(s.Extra,
		stats.Integer("Kernel Time Stamps", kernelTimes),
		stats.Integer("Final Counts Known", btoi(final)),
		stats.Integer("Cut Bytes", uint64(f.Receiver.Cut())))
	s.Extra = append(s.Extra, f.deliveryLines(s.Sent)...)
	state := f.State()
	s.Extra = append(s.Extra, transportScalars(&state)...)
	return s
}
