package stats

import (
	"math/bits"
	"time"

	"netperfmeter/wire"
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

// head is the frame of the message with the highest number. Only that one can
// still be under way; older frames without their last message have lost it.
type head struct {
	frame wire.FrameID
	first uint64 // number of its first message, if whole
	open  bool   // the last message has not come
	whole bool   // all its messages so far have come
	lost  bool   // it is among the lost frames
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
	r.received.Packets++
	r.received.Bytes += uint64(a.Length)
	r.timing.add(a.Time, a.Sent)
	return record, true
}

// inOrder takes in the message with the next number, and reports whether it
// completes its frame.
func (r *Reception) inOrder(a *Arrival) bool {
	h := &r.head
	same := h.open && a.Frame == h.frame && !a.First
	r.position.next(a, same)
	if r.window.missing > 0 {
		r.window.put(r.nextSeq, a.First, a.Last)
	}
	if a.First {
		*h = head{frame: a.Frame, first: r.nextSeq, whole: true}
	} else if !same {
		*h = head{frame: a.Frame} // a frame without beginning that nobody lost
	}
	h.open = !a.Last
	r.nextSeq++
	return a.Last && h.whole
}

// jump takes in a message with a gap in front of it.
func (r *Reception) jump(a *Arrival) bool {
	seq, gap := uint64(a.Seq), uint64(a.Seq)-r.nextSeq
	h := &r.head
	same := h.open && a.Frame == h.frame && !a.First
	ended, unseen := r.framesBetween(a, gap, same)
	r.position.jump(a, gap, ended, same)

	if r.window.missing == 0 {
		first := r.nextSeq
		if h.open && h.whole {
			first = h.first
		}
		r.window.begin(first, r.nextSeq)
	}
	r.window.skip(r.nextSeq, seq, a.First, a.Last)
	r.deadline.gap(r.nextSeq, a.Time)

	r.loseFrames(a, gap, unseen, same)
	h.frame = a.Frame
	h.open = !a.Last
	r.nextSeq = seq + 1
	return a.Last && h.whole
}

// framesBetween returns how many frames ended in the gap before a, and how many
// of these are quite unseen. Frame numbers wrap; a sender that uses up more of
// them than there are messages has not lost them.
func (r *Reception) framesBetween(a *Arrival, gap uint64, same bool) (ended, unseen uint64) {
	if same {
		return 0, 0
	}
	if step := uint32(a.Frame-r.head.frame) - 1; step < 1<<31 {
		unseen = min(uint64(step), gap)
	}
	ended = unseen
	if r.head.open {
		ended++
	}
	return ended, unseen
}

// loseFrames counts the frames that a gap before a has damaged, at most one for
// each message in it: the one that was under way, the unseen ones and the one
// that a belongs to if its beginning is missing.
func (r *Reception) loseFrames(a *Arrival, gap, unseen uint64, same bool) {
	h := &r.head
	if h.open && h.whole {
		h.whole, h.lost = false, true
		r.lostFrames++
		gap--
	}
	if same {
		return
	}
	*h = head{first: uint64(a.Seq), whole: a.First}
	if !a.First && gap > 0 {
		h.lost = true
		r.lostFrames++
		gap--
	}
	r.lostFrames += min(unseen, gap)
}
