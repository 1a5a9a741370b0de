package flow

import (
	"fmt"
	"time"

	"netperfmeter/channels"
	"netperfmeter/stats"
)

// State is what the kernel has said of the flow's connection up to now. It may
// be asked for at any time.
func (f *Flow) State() channels.State { return f.follower.State() }

// LookLast looks at a connection that is about to be closed, if the
// measurement has not done so.
func (f *Flow) LookLast() { _ = f.follower.LookLast() }

// TransportText is the flow's transport vector; nil if none is wanted.
func (f *Flow) TransportText() *stats.TransportText { return f.transport }

// Span is when the measurement began and when its second look was due, with
// some grace, in microseconds since the epoch; 0 before it began.
func (m *Measurement) Span() (start, late int64) {
	if m.statistics == nil {
		return 0, 0
	}
	start = m.statistics.begun
	return start, start + m.cfg.Interval.Microseconds()*3/2
}

// looks are the looks at the connections of all flows: at each statistics
// event, when the measured time ends, and when the channels are about to be
// closed. They are made by whoever makes the events, never on the data path.
type looks struct {
	m      *Measurement
	start  time.Time // of the measured time
	before time.Time // of the look before
}

// look asks the kernel about all flows, with TCP by one system call each. At
// the last look a path that is gone does not count as ended.
func (l *looks) look(last bool) {
	now := time.Now()
	interval := time.Duration(0)
	if !l.before.IsZero() {
		interval = now.Sub(l.before)
	}
	l.before = now
	for _, f := range l.m.Flows() {
		look := f.follower.Look
		if last {
			look = f.follower.LookLast
		}
		if look() != nil || f.transport == nil {
			continue // a closed socket has nothing to say any more
		}
		s := f.follower.State()
		for i := range s.Paths {
			if p := &s.Paths[i]; !p.Ended() || p.Until == s.Time {
				line := transportLine(&s, p)
				line.RelTime, line.Interval = now.Sub(l.start), interval
				f.transport.Add(&line)
			}
		}
	}
}

func transportLine(s *channels.State, p *channels.Path) stats.TransportLine {
	line := stats.TransportLine{
		Time: s.Time, Protocol: s.Protocol, Path: p.ID, Local: p.Local, Remote: p.Remote, State: "open", Share: p.Share,
	}
	if t := p.TCP; t != nil {
		line.SRTT, line.RTTVar, line.MinRTT, line.RTO = t.RTT, t.RTTVar, t.MinRTT, t.RTO
		line.CWnd, line.SSThresh, line.MSS = t.CWnd, t.SSThresh, t.MSS
		line.Retransmits, line.Retransmitted = t.Retransmits, t.Retransmitted
		line.Sent, line.Acked, line.Received = t.Sent, t.Acked, t.Received
		line.DeliveryRate, line.PacingRate = t.DeliveryRate, t.PacingRate
		line.Busy, line.RWndLimited, line.SndBufLimited = t.Busy, t.RWndLimited, t.SndBufLimited
		line.CongestionControl = t.CongestionControl
	}
	if t := p.SCTP; t != nil {
		line.State, line.SRTT, line.RTO, line.CWnd, line.MSS = t.State, t.SRTT, t.RTO, t.CWnd, t.MTU
	}
	if p.Ended() {
		line.State = "ended"
	}
	return line
}

// transportScalars are the last figures of the connection, and what became of
// MPTCP. Times are milliseconds.
func transportScalars(s *channels.State) []stats.NameValue {
	lines := bufferScalars(&s.Buffers)
	if m := s.MPTCP; m != nil {
		lines = append(lines,
			stats.Integer("MPTCP In Use", btoi(m.InUse)),
			stats.Integer("MPTCP Fallback At Set-Up", btoi(m.Setup)),
			stats.Integer("Subflows", uint64(len(s.Paths))),
			stats.Integer("MPTCP Retransmissions", uint64(m.Retransmits)),
			stats.Integer("MPTCP Retransmitted Bytes", m.Retransmitted))
		if m.FallbackAt != 0 {
			lines = append(lines, stats.Integer("MPTCP Fallback", m.FallbackAt))
		}
		if m.ConnectTime != 0 {
			lines = append(lines, stats.Real("MPTCP Connect Time", milliseconds(m.ConnectTime)))
		}
	}
	if s.SCTP != nil {
		lines = append(lines, associationScalars(s)...)
	}
	for i := range s.Paths {
		lines = append(lines, pathScalars(&s.Paths[i], pathName(s, i))...)
	}
	return lines
}

func pathName(s *channels.State, i int) string {
	switch {
	case s.MPTCP != nil:
		return fmt.Sprintf("Subflow %d ", i+1)
	case s.Paths[i].SCTP != nil:
		return fmt.Sprintf("Path %d ", i+1)
	}
	return "TCP "
}

func bufferScalars(b *channels.Buffers) []stats.NameValue {
	if b.SendGranted == 0 {
		return nil
	}
	return []stats.NameValue{
		stats.Integer("Send Buffer Asked", b.SendAsked),
		stats.Integer("Send Buffer Granted", b.SendGranted),
		stats.Integer("Receive Buffer Asked", b.ReceiveAsked),
		stats.Integer("Receive Buffer Granted", b.ReceiveGranted),
	}
}

func pathScalars(p *channels.Path, name string) []stats.NameValue {
	var lines []stats.NameValue
	if t := p.TCP; t != nil {
		lines = []stats.NameValue{
			stats.Real(name+"RTT", milliseconds(t.RTT)),
			stats.Real(name+"RTT Variance", milliseconds(t.RTTVar)),
			stats.Real(name+"Minimum RTT", milliseconds(t.MinRTT)),
			stats.Integer(name+"Congestion Window", uint64(t.CWnd)),
			stats.Integer(name+"Slow-Start Threshold", uint64(t.SSThresh)),
			stats.Integer(name+"Retransmissions", uint64(t.Retransmits)),
			stats.Integer(name+"Retransmitted Bytes", t.Retransmitted),
			stats.Integer(name+"Sent Bytes", t.Sent),
			stats.Integer(name+"Acked Bytes", t.Acked),
			stats.Integer(name+"Received Bytes", t.Received),
			stats.Integer(name+"Delivery Bit Rate", 8*t.DeliveryRate),
			stats.Real(name+"Busy Time", milliseconds(t.Busy)),
			stats.Real(name+"Receive-Window-Limited Time", milliseconds(t.RWndLimited)),
			stats.Real(name+"Send-Buffer-Limited Time", milliseconds(t.SndBufLimited)),
		}
	}
	if t := p.SCTP; t != nil {
		lines = []stats.NameValue{
			stats.Real(name+"RTT", milliseconds(t.SRTT)),
			stats.Real(name+"RTO", milliseconds(t.RTO)),
			stats.Integer(name+"Congestion Window", uint64(t.CWnd)),
			stats.Integer(name+"MTU", uint64(t.MTU)),
			stats.Integer(name+"Primary", btoi(t.Primary)),
			stats.Integer(name+"Active", btoi(t.State == "active")),
		}
	}
	if name != "TCP " && len(lines) > 0 {
		lines = append(lines, stats.Real(name+"Share", p.Share), stats.Integer(name+"Since", p.Since))
		if p.Ended() {
			lines = append(lines, stats.Integer(name+"Until", p.Until))
		}
	}
	return lines
}

// milliseconds converts microseconds.
func milliseconds[N ~uint32 | ~uint64 | ~int64](us N) float64 { return float64(us) / 1000 }
