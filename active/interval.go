package active

import (
	"iter"
	"math"
	"time"

	"netperfmeter/stats"
)

// Interval is what happened in one direction of a flow between two statistics
// events. What is not known is nil or NaN: while the measurement runs, all
// that the other side counts.
type Interval struct {
	Flow     *FlowReport
	Outgoing bool
	Number   int   // of the event at its end: that at this many intervals after the first
	Time     int64 // of that event on this side, microseconds since the epoch
	// Begin and End are the times of both events on this side since the first
	// statistics event, negative in a warm-up.
	Begin, End time.Duration

	Sent, Received *stats.Counts
	Lost           *stats.Change // goes down when late messages come
	// SendRate and ReceiveRate are bit/s, over the time between the two events
	// at the side that counted.
	SendRate, ReceiveRate float64
	Jitter                float64 // at the end, milliseconds
}

// side is an interval as one side has it; the zero value: it does not.
type side struct{ from, to *moment }

func (s side) known(flow int) bool {
	return s.from != nil && s.to != nil && flow < len(s.from.flows) && flow < len(s.to.flows)
}

func (s side) rate(c stats.Counts) float64 {
	return 8 * stats.PerSecond(c.Bytes, s.from.at.Microseconds(), s.to.at.Microseconds())
}

// newInterval makes an interval of the flow with the given index. own must be
// known.
func newInterval(f *FlowReport, flow int, outgoing bool, own, peer side) Interval {
	i := Interval{
		Flow: f, Outgoing: outgoing, Number: own.to.number, Time: own.to.time, Begin: own.from.at, End: own.to.at,
		SendRate: math.NaN(), ReceiveRate: math.NaN(), Jitter: math.NaN(),
	}
	sender, receiver := own, peer
	if !outgoing {
		sender, receiver = peer, own
	}
	if sender.known(flow) {
		sent := sender.to.flows[flow].sent.Sub(sender.from.flows[flow].sent)
		i.Sent, i.SendRate = &sent, sender.rate(sent)
	}
	if receiver.known(flow) {
		from, to := &receiver.from.flows[flow], &receiver.to.flows[flow]
		received, lost := to.received.Sub(from.received), to.lost.Since(from.lost)
		i.Received, i.Lost = &received, &lost
		i.ReceiveRate, i.Jitter = receiver.rate(received), to.jitter
	}
	return i
}

// Intervals are the intervals of all flows and directions that were to carry
// something, with the figures of both sides as far as they are known: each
// interval's flows after each other. Only with Config.Detailed.
func (p *Report) Intervals() iter.Seq[Interval] {
	return func(yield func(Interval) bool) {
		if p.own == nil {
			return
		}
		for _, pair := range pairs(p.own, p.peer) {
			for i := range p.Flows {
				f := &p.Flows[i]
				for _, outgoing := range [...]bool{true, false} {
					if f.Direction(outgoing).Idle {
						continue
					}
					row := newInterval(f, i, outgoing, pair[0], pair[1])
					if p.Foreign {
						row.Lost = knownLoss(row, outgoing)
					}
					if !yield(row) {
						return
					}
				}
			}
		}
	}
}

// knownLoss leaves out what a reference says of a flow's loss: it counts bytes
// of frames of several messages as lost that have come.
func knownLoss(row Interval, outgoing bool) *stats.Change {
	if outgoing {
		return nil
	}
	return row.Lost
}

// pairs finds what both sides have of each interval. Between two of ours, an
// interval goes from an event that both have to the next one: when one side
// came to it too late for one event, it is longer, and the sums stay exact.
func pairs(own *timeline, peer *peerTimeline) [][2]side {
	at := make(map[int]*moment)
	last := (*moment)(nil)
	if peer != nil {
		for _, m := range peer.kept {
			at[m.number] = m
		}
		last = peer.last
	}
	var all [][2]side
	var before [2]*moment
	for i, m := range own.kept {
		theirs := at[m.number]
		switch {
		case i == 0 && peer != nil:
			theirs = peer.first
		case i == len(own.kept)-1 && last != nil:
			theirs = last
		}
		if theirs == nil && last != nil {
			continue
		}
		if before[0] != nil {
			all = append(all, [2]side{{before[0], m}, {before[1], theirs}})
		}
		before = [2]*moment{m, theirs}
	}
	return all
}
