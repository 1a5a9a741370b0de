package stats

import "netperfmeter/wire"

// head is the frame of the message with the highest number. Only that one can
// still be under way; older frames without their last message have lost it.
type head struct {
	frame wire.FrameID
	first uint64 // number of its first message, if whole
	open  bool   // the last message has not come
	whole bool   // all its messages so far have come
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
	ended, unseen := r.framesBetween(a, same)
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
// of these are quite unseen by their numbers, which wrap.
func (r *Reception) framesBetween(a *Arrival, same bool) (ended, unseen uint64) {
	if same {
		return 0, 0
	}
	if step := uint32(a.Frame-r.head.frame) - 1; step < 1<<31 {
		unseen = uint64(step)
	}
	ended = unseen
	if r.head.open {
		ended++
	}
	return ended, unseen
}

// loseFrames counts the frames that a gap before a has damaged: the one that
// was under way, the one that a belongs to if its beginning is missing, and the
// unseen ones; at most one for each message, since a sender that uses up more
// frame numbers than that has not sent those frames.
func (r *Reception) loseFrames(a *Arrival, gap, unseen uint64, same bool) {
	h := &r.head
	if h.open && h.whole {
		h.whole = false
		r.lostFrames++
		gap--
	}
	if same {
		return
	}
	*h = head{first: uint64(a.Seq), whole: a.First}
	if !a.First && gap > 0 {
		r.lostFrames++
		gap--
	}
	r.lostFrames += min(unseen, gap)
}
