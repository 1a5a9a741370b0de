package stats

// minMessage is the length of the shortest message, a header without payload;
// maxMessage that of the longest. They bound what a lost message can carry.
const (
	minMessage = 48
	maxMessage = 65535
)

// maxLostBytes is far above anything real and keeps a sender's nonsense from
// overflowing a sum.
const maxLostBytes = 1 << 61

// numbering is what a sender's byte sequence numbers mean.
type numbering uint8

const (
	numberingUnknown numbering = iota // no two messages of one frame seen yet
	perMessage                        // bytes sent before this message, as specified
	perFrame                          // bytes sent before this frame, as the reference has it
)

// position follows the sender's count of bytes, to tell how many bytes are in a
// gap. Where messages carry their own position that is a subtraction. The
// reference puts the position of the frame into all its messages: then the
// frame's messages in front are added, which is exact as long as one of them
// is here (all but the last of a frame have the same length), and what had to
// be estimated is put right by the next frame's beginning. Without a gap in the
// message numbers nothing is ever counted as lost, whatever the bytes say.
type position struct {
	byteSeq   uint64 // of the message with the highest number
	end       uint64 // the sender's count of bytes after that message
	full      uint64 // length of the latest message that was not the last of its frame
	lost      int64  // bytes in gaps, less those that came late
	numbering numbering
	estimated bool // end may be wrong, the next frame's beginning will tell
}

// next moves on to the message that follows without a gap. same: it belongs to
// the same frame as the one before.
func (p *position) next(a *Arrival, same bool) {
	switch {
	case same && a.ByteSeq == p.byteSeq:
		p.numbering = perFrame
	case same:
		p.numbering = perMessage
		p.end = a.ByteSeq
	default:
		if p.estimated {
			p.lose(a.ByteSeq - p.end)
			p.estimated = false
		}
		p.end = a.ByteSeq
	}
	p.moveTo(a)
}

func (p *position) moveTo(a *Arrival) {
	p.byteSeq = a.ByteSeq
	p.end += uint64(a.Length)
	if !a.Last {
		p.full = uint64(a.Length)
	}
}

// jump moves on to a message with gap messages missing before it. frames is
// how many frames ended within the gap.
func (p *position) jump(a *Arrival, gap, frames uint64, same bool) {
	start := p.start(a, gap, frames, same)
	p.lose(start - p.end)
	p.end = start
	p.moveTo(a)
}

// start returns the sender's count of bytes before message a.
func (p *position) start(a *Arrival, gap, frames uint64, same bool) uint64 {
	if a.First {
		p.estimated = false
		return a.ByteSeq
	}
	if same && a.ByteSeq == p.byteSeq {
		p.numbering = perFrame
		p.estimated = true // a failed send uses a number up, but no bytes
		return p.end + gap*p.full
	}
	if same {
		p.numbering = perMessage
	}
	advance := a.ByteSeq - p.end
	if p.numbering == numberingUnknown && advance < gap*minMessage {
		p.numbering = perFrame // too few bytes for that many messages
	}
	switch p.numbering {
	case perMessage:
		p.estimated = false
		return a.ByteSeq
	case perFrame:
		p.estimated = true
		return a.ByteSeq + p.before(a, gap, frames, advance)
	}
	p.estimated = true
	return a.ByteSeq // right, or too low if this turns out to be perFrame
}

// before estimates the bytes of a's frame in front of a, all of them in the
// gap, where advance bytes of the gap are of earlier frames. Every one of those
// frames ends with a message that may be shorter, so their number of messages
// is known only from above, and the estimate is from below; it is exact if no
// frame ended in the gap, or one.
func (p *position) before(a *Arrival, gap, frames, advance uint64) uint64 {
	full := p.full
	if !a.Last || full == 0 {
		full = uint64(a.Length)
	}
	if full == 0 || int64(advance) < 0 || advance/full >= gap {
		return full
	}
	earlier := (advance + frames*(full-1)) / full
	return max(subtract(gap, earlier), 1) * full
}

// lose adds a number of bytes, negative ones too, to the lost.
func (p *position) lose(n uint64) {
	change := min(max(int64(n), -maxLostBytes), maxLostBytes)
	p.lost = min(max(p.lost+change, -maxLostBytes), maxLostBytes)
}
