package stats

import "math/bits"

// window remembers of the last numbers whether they are missing, and of those
// around a gap whether they begin or end a frame. It is a ring of bits that
// exists from the first gap on, and is not touched at all while nothing is
// missing, so that a flow in order pays nothing for it.
//
// A set missing bit always belongs to a number within the window: whoever
// overwrites a slot clears it. First and last bits are only right from known on.
type window struct {
	size    uint64 // numbers, a power of two and at least 64
	blocks  []block
	missing uint64 // bits set in all blocks' missing
	known   uint64
}

// block holds 64 numbers' bits side by side, within a cache line.
type block struct {
	missing, first, last uint64
}

// bottom returns the lowest number in the window if next is the one after the
// highest.
func (w *window) bottom(next uint64) uint64 { return subtract(next, w.size) }

func (w *window) at(seq uint64) (b *block, bit uint) {
	return &w.blocks[seq&(w.size-1)>>6], uint(seq & 63)
}

// begin makes the window ready for a gap at next while nothing is missing. The
// frame that is under way, if any, began with number first, and all of it is
// here; without one first is next.
func (w *window) begin(first, next uint64) {
	if w.blocks == nil {
		w.blocks = make([]block, w.size/64)
	}
	w.known = max(first, w.bottom(next))
	w.fill(w.known, next, 0)
	if w.known == first && first < next {
		b, i := w.at(first)
		b.first |= 1 << i
	}
}

// skip marks the numbers from..to-1 as missing, and takes to as received. The
// work is bounded by the window, however far the jump is.
func (w *window) skip(from, to uint64, first, last bool) {
	w.fill(max(from, w.bottom(to+1)), to, ^uint64(0))
	w.put(to, first, last)
}

// fill writes pattern into the missing bits of from..to-1, at most a window,
// and clears their other bits.
func (w *window) fill(from, to, pattern uint64) {
	for from < to {
		b, i := w.at(from)
		n := min(64-uint64(i), to-from)
		mask := ^uint64(0) >> (64 - n) << i
		w.missing -= uint64(bits.OnesCount64(b.missing & mask))
		w.missing += uint64(bits.OnesCount64(pattern & mask))
		b.missing = b.missing&^mask | pattern&mask
		b.first &^= mask
		b.last &^= mask
		from += n
	}
}

// put takes seq, the highest number so far, as received. What was in its slot
// leaves the window.
func (w *window) put(seq uint64, first, last bool) {
	b, i := w.at(seq)
	mask := uint64(1) << i
	w.missing -= b.missing >> i & 1
	b.missing &^= mask
	b.first &^= mask
	b.last &^= mask
	b.flag(i, first, last)
}

// take takes in seq, a number within the window, and reports whether it was
// missing.
func (w *window) take(seq uint64, first, last bool) bool {
	if w.missing == 0 {
		return false
	}
	b, i := w.at(seq)
	if b.missing>>i&1 == 0 {
		return false
	}
	w.missing--
	b.missing &^= 1 << i
	b.flag(i, first, last)
	return true
}

func (b *block) flag(i uint, first, last bool) {
	if first {
		b.first |= 1 << i
	}
	if last {
		b.last |= 1 << i
	}
}

// spoil keeps seq's frame from ever being whole: in the midst of a frame nothing
// begins and ends.
func (w *window) spoil(seq uint64) {
	b, i := w.at(seq)
	b.flag(i, true, true)
}

// frameStart returns the number of the first message of seq's frame, if
// everything from there to seq is here.
func (w *window) frameStart(seq, next uint64) (uint64, bool) {
	if b, i := w.at(seq); b.first>>i&1 == 1 {
		return seq, true
	}
	low := max(w.known, w.bottom(next))
	for t := seq; t > low; {
		t--
		b, i := w.at(t)
		stop := (b.missing | b.first | b.last) << (63 - i)
		if stop == 0 {
			t -= uint64(i)
			continue
		}
		back := uint(bits.LeadingZeros64(stop))
		t -= uint64(back)
		i -= back
		return t, t >= low && (b.first&^b.missing&^b.last)>>i&1 == 1
	}
	return 0, false
}

// frameEnd reports whether everything from seq to the last message of its frame
// is here (complete), or else to the highest number so far (open).
func (w *window) frameEnd(seq, next uint64) (complete, open bool) {
	if b, i := w.at(seq); b.last>>i&1 == 1 {
		return true, false
	}
	for t := seq + 1; t < next; {
		b, i := w.at(t)
		stop := (b.missing | b.first | b.last) >> i
		if stop == 0 {
			t += 64 - uint64(i)
			continue
		}
		ahead := uint(bits.TrailingZeros64(stop))
		if t+uint64(ahead) >= next {
			break // the bits behind next are leftovers
		}
		return (b.last&^b.missing&^b.first)>>(i+ahead)&1 == 1, false
	}
	return false, true
}
