package traffic

import (
	"math/rand/v2"
	"time"

	"netperfmeter/wire"
)

// Frame is a frame to send.
type Frame struct {
	At   time.Duration // since the start of the measurement
	Size int           // bytes; 0: nothing goes out and no FrameID is used
}

// Bounds for the work of one call of Plan.
const (
	// maxEmptyRounds is how many on periods of no length are passed over at
	// once. CheckEvents refuses the lists that come near.
	maxEmptyRounds = 4096

	// maxSkips is how many random gaps are drawn at once, a millisecond of
	// work.
	maxSkips = 1 << 16
)

// Plan yields the frames of one direction of a flow. Each instant follows from
// the instants before it, not from when it is asked for; those of a constant
// rate follow from the instant at which the flow was turned on and the frame's
// number, so that nothing adds up.
type Plan struct {
	onOff Switch
	rate  wire.Distribution
	size  wire.Distribution

	gap       gap  // of a constant rate
	random    bool // the rate is none
	constSize int  // -1: random

	rateSource, sizeSource *rand.Rand

	on    bool
	start time.Duration // when the flow was turned on
	end   time.Duration // when it is turned off: no frame at that instant
	k     uint64        // frames planned since start
	next  time.Duration // instant of the next one, of a random rate
}

// NewPlan returns the plan of a direction whose distributions and list were
// checked. For an idle direction and for a saturated one it has no frames; the
// latter uses DrawSize.
func NewPlan(dir Direction, onoff []wire.Event, repeat bool, src Sources) *Plan {
	p := &Plan{
		onOff:      newSwitch(onoff, repeat, src.OnOff),
		rate:       dir.Rate,
		size:       dir.Size,
		random:     dir.Rate.Kind != wire.Constant,
		constSize:  -1,
		rateSource: src.Rate,
		sizeSource: src.Size,
	}
	if dir.Idle() || dir.Saturated() {
		p.onOff.done = true
	}
	if !p.random {
		p.gap = newGap(dir.Rate.Values[0])
	}
	if dir.Size.Kind == wire.Constant {
		p.constSize = drawSize(dir.Size, nil)
	}
	return p
}

// Next returns the next frame; false: there will be none any more. The first
// frame goes out when the flow is turned on, the next one a gap later; what a
// gap would put at the instant of turning off or after it is not sent, and the
// next time the flow is turned on it begins anew.
//
// A list that is hardly ever on (which CheckEvents refuses) yields frames of
// size 0 in between, so that a call cannot take for ever.
func (p *Plan) Next() (Frame, bool) {
	for {
		if !p.on {
			if !p.turnOn() {
				return Frame{}, false
			}
			if !p.on {
				return Frame{At: p.end}, true
			}
		}
		at := p.planned()
		if at < p.end {
			p.step(at)
			return Frame{At: at, Size: p.DrawSize()}, true
		}
		p.on = false
	}
}

// DrawSize draws a frame's size, 0 to MaxFrameSize bytes. A saturated sender
// must expect many empty frames in a row.
func (p *Plan) DrawSize() int {
	if p.constSize >= 0 {
		return p.constSize
	}
	return drawSize(p.size, p.sizeSource)
}

// Skip drops the frames that are planned before the given instant and returns
// how many these were. Its work is bounded: an on period of a constant rate
// costs the same however many frames it has, but of a random rate or a long
// list the next frame may still be before the instant. Skip again then.
func (p *Plan) Skip(until time.Duration) int {
	skipped := 0
	for range maxSkips {
		if !p.on && (!p.turnOn() || !p.on) {
			break
		}
		limit := min(until, p.end)
		if p.random {
			if p.next < limit {
				p.step(p.next)
				skipped++
				continue
			}
		} else if k := p.gap.before(limit - p.start); k > p.k {
			skipped += int(k - p.k)
			p.k = k
		}
		if until < p.end {
			break
		}
		p.on = false
	}
	return skipped
}

// turnOn goes to the next time that the flow is on; false: there is none.
// With maxEmptyRounds it gives up for now: p.on stays false, p.end is where it
// got to.
func (p *Plan) turnOn() bool {
	for range maxEmptyRounds {
		start, _, ok := p.onOff.Next()
		if !ok {
			return false
		}
		end, _, ok := p.onOff.Next()
		if !ok {
			end = forever
		}
		p.start, p.next, p.end, p.k = start, start, end, 0
		if start < end {
			p.on = true
			return true
		}
	}
	return true
}

// planned returns the instant of the next frame if the flow stays on.
func (p *Plan) planned() time.Duration {
	if p.random {
		return p.next
	}
	d := p.gap.instant(p.k)
	if d > forever-p.start {
		return forever
	}
	return p.start + d
}

// step goes to the frame after the one at the given instant.
func (p *Plan) step(at time.Duration) {
	if !p.random {
		p.k++
		return
	}
	d := drawGap(p.rate, p.rateSource)
	if d > forever-at {
		p.next = forever
		return
	}
	p.next = at + d
}
