package peer20

import (
	"math"
	"math/rand/v2"
	"time"
)

// pattern is the payload from active to passive (30, 31, ... 127, 30, ...) or its mirror image.
func pattern(fromPassive bool) []byte {
	b := make([]byte, math.MaxUint16)
	for i := range b {
		if fromPassive {
			b[i] = byte(127 - i%98)
		} else {
			b[i] = byte(30 + i%98)
		}
	}
	return b
}

var patterns = map[bool][]byte{false: pattern(false), true: pattern(true)}

func draw(d Distribution, r *rand.Rand) float64 {
	switch d.Kind {
	case 1:
		return d.V[0] + r.Float64()*(d.V[1]-d.V[0])
	case 2:
		return r.ExpFloat64() * d.V[0]
	case 3:
		return d.V[0] / math.Pow(1-r.Float64(), 1/d.V[1])
	case 4:
		return d.V[0] + r.NormFloat64()*d.V[1]
	case 5:
		for {
			if v := d.V[0] + r.NormFloat64()*d.V[1]; v >= 0 {
				return v
			}
		}
	}
	return d.V[0]
}

// sender sends one direction of one flow the way the reference does: one write for each message, one time stamp for
// each frame, waits in whole milliseconds, the next frame planned from the last one.
type sender struct {
	key         Key
	fromPassive bool
	rate, size  Distribution
	maxMsg      int
	events      []Event
	repeat      bool
	failEvery   uint64 // every so many messages the send fails; 0 never
	write       func([]byte) (int, error)
	random      *rand.Rand
	record      *FlowRecord

	seq, byteSeq uint64
	frame        uint32
	buffer       []byte
}

// run sends until stop is closed. A write that is then in the way ends by the deadline that the caller sets.
func (s *sender) run(stop <-chan struct{}) {
	if s.size.Kind == 0 && s.size.V[0] == 0 {
		return
	}
	saturated := s.rate.Kind == 0 && s.rate.V[0] == 0
	on, at := len(s.events) == 0, 0
	now := time.Now()
	next, toggle := now, now.Add(math.MaxInt64)
	if !on {
		toggle = s.toggle(now, at)
	}
	for {
		now = time.Now()
		for !now.Before(toggle) {
			on, at, next = !on, at+1, now
			if at == len(s.events) && s.repeat {
				at = 0
			}
			toggle = s.toggle(toggle, at)
		}
		if !on {
			next = toggle
		}
		if next.After(toggle) {
			next = toggle
		}
		if !pause(stop, next.Sub(now)) {
			return
		}
		if !on || !time.Now().Before(toggle) {
			continue
		}
		if !s.sendFrame(stop) {
			return
		}
		if !saturated {
			next = time.Now().Add(time.Duration(math.Ceil(1000/max(draw(s.rate, s.random), 1e-6))) * time.Millisecond)
		}
	}
}

// toggle is when entry at of the on/off list comes due after the last one at `last`. Absolute times are taken for
// relative ones, as the reference does.
func (s *sender) toggle(last time.Time, at int) time.Time {
	if at >= len(s.events) {
		return last.Add(math.MaxInt64)
	}
	return last.Add(time.Duration(draw(s.events[at].Distribution, s.random) * float64(time.Second)))
}

func pause(stop <-chan struct{}, d time.Duration) bool {
	if d <= 0 {
		select {
		case <-stop:
			return false
		default:
			return true
		}
	}
	select {
	case <-stop:
		return false
	case <-time.After(d):
		return true
	}
}

// sendFrame sends a frame; false: stopped, or the transport gave up.
func (s *sender) sendFrame(stop <-chan struct{}) bool {
	size := int(math.Round(draw(s.size, s.random)))
	if size <= 0 {
		return true
	}
	stamp := time.Now().UnixMicro()
	before := s.byteSeq
	for first := true; size > 0; first = false {
		length := min(size, s.maxMsg)
		size -= length
		length = max(length, dataHeader)
		if !pause(stop, 0) {
			return false
		}
		b := s.message(length, first, size == 0, before, stamp)
		s.seq++
		if s.failEvery > 0 && s.seq%s.failEvery == 0 {
			s.record.Failed++
			continue
		}
		n, err := s.write(b)
		if n < len(b) || err != nil {
			s.record.Cut = n
			return false
		}
		s.byteSeq += uint64(n)
		s.record.Sent.Bytes += uint64(n)
		s.record.Sent.Messages++
	}
	s.record.Sent.Frames++
	s.frame++
	return true
}

func (s *sender) message(length int, first, last bool, byteSeq uint64, stamp int64) []byte {
	if s.buffer == nil {
		s.buffer = make([]byte, math.MaxUint16)
	}
	b := s.buffer[:length]
	b[0], b[1] = typeData, 0
	if first {
		b[1] |= 1
	}
	if last {
		b[1] |= 2
	}
	big.PutUint16(b[2:], uint16(length))
	putKey(b, s.key)
	big.PutUint16(b[18:], 0)
	big.PutUint32(b[20:], s.frame)
	big.PutUint64(b[24:], s.seq)
	big.PutUint64(b[32:], byteSeq)
	big.PutUint64(b[40:], uint64(stamp))
	copy(b[dataHeader:], patterns[s.fromPassive])
	return b
}

// cut leaves half a message at the end of a stream, as both versions do when a saturated sender is stopped.
func (s *sender) cut() {
	if s.record.Cut > 0 {
		return
	}
	b := s.message(max(s.maxMsg, dataHeader+2), true, true, s.byteSeq, time.Now().UnixMicro())
	s.record.Cut, _ = s.write(b[:len(b)/2])
}
