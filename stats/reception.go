package stats

import (
	"math"
	"math/bits"
	"time"
)

// DefaultWindow is how many numbers back a late message and a duplicate can be
// told apart: a third of a second of 100,000 messages a second, which is a
// gigabit link's worth. It costs 12 KiB, and only a flow that has seen a gap.
const DefaultWindow = 1 << 15

// maxWindow bounds what a caller can ask for (6 MiB).
const maxWindow = 1 << 24

// DefaultDefragTimeout is how long a frame's missing messages are waited for.
const DefaultDefragTimeout = 5 * time.Second

// maxSeq is a message number that nobody reaches: ten million a second for 162
// days. With it no sum of what lies between two numbers can overflow.
const maxSeq = 1 << 47

// Reception counts what one direction of a flow receives. It belongs to the
// goroutine that receives: none of its methods may run at the same time as
// another. All numbers start at 0, so that what is lost in front counts, too.
type Reception struct {
	nextSeq  uint64 // one more than the highest number received
	received Counts
	head     head
	position position
	window   window
	deadline deadline
	timing   timing

	lostFrames                  uint64 // with something missing, or not seen at all
	late, duplicates, undecided Counts
	depthMax, depthTotal        uint64
	first, measuredFirst        int64 // microseconds since the epoch
	warmUp                      bool
	final                       *Counts // what was sent in all, if known
}

// NewReception returns a Reception that tells late messages from duplicates
// within window numbers (rounded up to a power of two, at most 2^24; 0:
// DefaultWindow) and completes a frame with late ones if they come within
// defragTimeout (0: DefaultDefragTimeout) of the first message behind them. A
// frame of which nothing is missing is waited for without limit; one that
// missed something and begins before the window stays lost.
func NewReception(window int, defragTimeout time.Duration) *Reception {
	if window <= 0 {
		window = DefaultWindow
	}
	if defragTimeout <= 0 {
		defragTimeout = DefaultDefragTimeout
	}
	r := &Reception{deadline: newDeadline(defragTimeout)}
	r.window.size = 1 << bits.Len(uint(max(min(window, maxWindow), 64)-1))
	r.head.frame-- // the frame before the first one, complete
	r.timing.summing = true
	r.timing.roll = math.MaxInt64
	return r
}

// Omit makes all messages from now on a warm-up: they are counted, but are
// flagged in their records and kept out of the summaries, until StartSummaries.
func (r *Reception) Omit() {
	r.warmUp = true
	r.timing.summing = false
}

// StartSummaries ends a warm-up: delay and jitter summaries, the longest gap
// and the maximum depth start anew. Counters go on; the difference of two
// snapshots takes the warm-up out of them.
func (r *Reception) StartSummaries() {
	r.warmUp = false
	r.timing.restart()
	r.depthMax = 0
	r.measuredFirst = 0
}

// ShiftDelays takes a number of microseconds out of the delays of all messages
// from now on, as the summary has them. Jitter is not touched.
func (r *Reception) ShiftDelays(shift int64) {
	r.timing.shift = shift
	r.timing.repeats = false // an equal delay is not an equal value any more
}

// Account counts a message. It returns the message's record, or false if the
// message is no new one: a duplicate, or one that is too late to tell. It
// allocates only with the first gap of a flow and, now and then, for the
// summaries; its work is bounded whatever the numbers are.
func (r *Reception) Account(a *Arrival) (Record, bool) {
	seq := uint64(a.Seq)
	record := Record{Time: a.Time, Sent: a.Sent, Seq: seq, Length: a.Length}
	complete := false
	if seq == r.nextSeq && seq < maxSeq {
		complete = r.inOrder(a)
	} else if seq > r.nextSeq && seq < maxSeq {
		complete = r.jump(a)
	} else {
		if !r.isLate(a) {
			return record, false
		}
		record.Flags = RecordLate
		complete = r.fillIn(a)
	}
	if complete {
		record.Frames = 1
		r.received.Frames++
	}
	if a.First {
		record.Flags |= RecordFirst
	}
	if a.Last {
		record.Flags |= RecordLast
	}
	if r.warmUp {
		record.Flags |= RecordWarmUp
	}
	if r.measuredFirst == 0 {
		r.measuredFirst = a.Time
		if r.first == 0 {
			r.first = a.Time
		}
	}
	r.timing.add(a.Time, a.Sent, r.received.Bytes)
	r.received.Packets++
	r.received.Bytes += uint64(a.Length)
	return record, true
}
