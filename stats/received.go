package stats

import "time"

// Snapshot returns a copy of what was counted so far, without the summaries: it
// is cheap enough for every interval.
func (r *Reception) Snapshot() ReceivedStats {
	return ReceivedStats{
		Counts:         r.received,
		First:          r.first,
		MeasuredFirst:  r.measuredFirst,
		Last:           r.timing.last,
		Lost:           r.lost(),
		Late:           r.late,
		LateDepthMax:   r.depthMax,
		LateDepthTotal: r.depthTotal,
		Duplicates:     r.duplicates,
		Undecided:      r.undecided,
		Jitter:         r.timing.jitter / 1000,
		LongestGap:     time.Duration(r.timing.longest) * time.Microsecond,
		GapStart:       r.timing.longestStart,
	}
}

// Delay returns a copy of the summary of all messages' delays in milliseconds:
// reception less the sender's time stamp, so it holds the difference of the two
// clocks as well and may be negative.
func (r *Reception) Delay() *Summary { return r.timing.delays.Copy() }

// Jitter returns a copy of the summary of the jitter in milliseconds, with the
// value after each message.
func (r *Reception) Jitter() *Summary { return r.timing.jitters.Copy() }

// Finish ends the counting. If the sender's counts are known, final holds them,
// and what was lost at the very end counts, too; nil: the loss stays that up to
// the highest number received. Counts that are below what has come already
// cannot be right and are ignored.
func (r *Reception) Finish(final *Counts) {
	r.final = nil
	if final != nil && final.Packets >= r.nextSeq &&
		final.Bytes >= r.received.Bytes && final.Frames >= r.received.Frames {
		known := *final
		r.final = &known
	}
}

// lost returns what is missing. Bytes and frames are never more than the lost
// messages can carry, whatever the sender's numbers say. In one case they are
// less: a reference sender whose transport refuses a message uses up its number
// without any bytes.
func (r *Reception) lost() Counts {
	l := Counts{
		Bytes:   uint64(max(r.position.lost, 0)),
		Packets: r.nextSeq - r.received.Packets,
		Frames:  r.lostFrames,
	}
	if r.final != nil {
		l = r.final.Sub(r.received)
	}
	l.Bytes = min(l.Bytes, l.Packets*maxMessage)
	l.Frames = min(l.Frames, l.Packets)
	return l
}

// Sub returns what s, a later snapshot, has more than o, which is from the time
// of StartSummaries: a measurement without its warm-up. What is no amount
// (times, maxima, jitter) is that of s, since these start anew at that moment.
// Messages lost in the warm-up that came after it make Lost smaller.
func (s ReceivedStats) Sub(o ReceivedStats) ReceivedStats {
	s.Counts = s.Counts.Sub(o.Counts)
	s.First = s.MeasuredFirst
	s.Lost = s.Lost.Sub(o.Lost)
	s.Late = s.Late.Sub(o.Late)
	s.LateDepthTotal = subtract(s.LateDepthTotal, o.LateDepthTotal)
	s.Duplicates = s.Duplicates.Sub(o.Duplicates)
	s.Undecided = s.Undecided.Sub(o.Undecided)
	if s.MeasuredFirst == 0 {
		s.Last = 0 // nothing came after the warm-up
	}
	return s
}
