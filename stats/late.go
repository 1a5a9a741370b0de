package stats

// isLate tells what a message is whose number is not higher than all before,
// and reports whether it is received: a late one, that is. All others are
// counted here and forgotten.
func (r *Reception) isLate(a *Arrival) bool {
	seq := uint64(a.Seq)
	kind := &r.duplicates
	switch {
	case seq >= maxSeq:
		kind = &r.undecided
	case seq >= r.window.bottom(r.nextSeq):
		if r.window.take(seq, a.First, a.Last) {
			return true
		}
	case r.nextSeq-r.received.Packets > r.window.missing:
		// Something from before the window is missing: this one or another.
		kind = &r.undecided
	}
	kind.Bytes += uint64(a.Length)
	kind.Packets++
	if a.First && a.Last {
		kind.Frames++
	}
	return false
}

// fillIn takes a late message out of the loss, and its frame if that lacks
// nothing now. It reports whether the frame is complete.
func (r *Reception) fillIn(a *Arrival) (complete bool) {
	seq := uint64(a.Seq)
	depth := r.nextSeq - 1 - seq
	r.depthMax = max(r.depthMax, depth)
	r.depthTotal += depth
	r.late.Packets++
	r.late.Bytes += uint64(a.Length)
	r.position.lose(-uint64(a.Length))

	if r.deadline.passed(seq, a.Time) {
		r.window.spoil(seq)
		return false
	}
	first, found := r.window.frameStart(seq, r.nextSeq)
	if !found {
		return false
	}
	complete, open := r.window.frameEnd(seq, r.nextSeq)
	if complete {
		r.late.Frames++
		r.lostFrames = subtract(r.lostFrames, 1)
	}
	if open { // the frame is still under way, and nothing of it is missing now
		r.head.first, r.head.whole = first, true
		r.lostFrames = subtract(r.lostFrames, 1)
	}
	return complete
}
