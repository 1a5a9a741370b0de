package relay

import (
	"encoding/binary"
	"sync"
	"time"
)

// Counts is an amount of DATA.
type Counts struct{ Bytes, Packets, Frames uint64 }

// Direction is what the relay did to one direction of a flow.
type Direction struct {
	Outgoing bool
	Flow     uint32
	Passed   Counts // each message once; frames of which all messages passed
	Lost     Counts // messages that were dropped; frames that miss one
	Late     uint64 // messages that were delivered after one with a higher number
	Twice    uint64 // messages that were delivered once more
	// Passages are the messages that were delivered, in their order.
	Passages []Passage

	mu      *sync.Mutex // guards all of it while the relay runs
	highest int64       // number that was delivered
	seen    map[uint64]bool
	frames  map[uint32]bool // true: a message of it was dropped
}

// Passage is the way of a message through the relay, by the wall clock that the
// relay shares with both sides.
type Passage struct {
	Seq           uint64
	Stamp         time.Time // when the sender says that it sent it
	Entry         time.Time
	Before, After time.Time // it left between these two
}

// Held is the time from the entry to the exit.
func (p *Passage) Held() time.Duration { return p.After.Sub(p.Entry) }

// Delay bounds the time from the sender's stamp to the exit.
func (p *Passage) Delay() (least, most time.Duration) {
	// The stamp is whole microseconds and has no monotonic time.
	return p.Before.Round(0).Sub(p.Stamp) - time.Microsecond, p.After.Round(0).Sub(p.Stamp)
}

func newDirection(outgoing bool) *Direction {
	return &Direction{
		Outgoing: outgoing, mu: new(sync.Mutex), highest: -1,
		seen: make(map[uint64]bool), frames: make(map[uint32]bool),
	}
}

// The fields of a DATA message that matter here.
func isData(b []byte) bool    { return len(b) >= 48 && b[0] == 5 }
func flowOf(b []byte) uint32  { return binary.BigEndian.Uint32(b[4:]) }
func frameOf(b []byte) uint32 { return binary.BigEndian.Uint32(b[20:]) }
func seqOf(b []byte) uint64   { return binary.BigEndian.Uint64(b[24:]) }
func stampOf(b []byte) int64  { return int64(binary.BigEndian.Uint64(b[40:])) } // microseconds since the epoch

func (d *Direction) dropped(b []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.Flow = flowOf(b)
	d.Lost.Packets++
	d.Lost.Bytes += uint64(len(b))
	d.frames[frameOf(b)] = true
}

func (d *Direction) passed(p packet, passage Passage) {
	if !isData(p.bytes) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	seq, frame := seqOf(p.bytes), frameOf(p.bytes)
	d.Flow = flowOf(p.bytes)
	d.Passages = append(d.Passages, passage)
	if d.seen[seq] {
		d.Twice++
		return
	}
	d.seen[seq] = true
	d.Passed.Packets++
	d.Passed.Bytes += uint64(len(p.bytes))
	if !d.frames[frame] {
		d.frames[frame] = false // known, and nothing of it dropped so far
	}
	if int64(seq) < d.highest {
		d.Late++
	}
	d.highest = max(d.highest, int64(seq))
}

// copy sums the frames up.
func (d *Direction) copy() Direction {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := *d
	c.seen, c.frames = nil, nil
	c.Passages = append([]Passage(nil), d.Passages...)
	for _, broken := range d.frames {
		if broken {
			c.Lost.Frames++
		} else {
			c.Passed.Frames++
		}
	}
	return c
}
