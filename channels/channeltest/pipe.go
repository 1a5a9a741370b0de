package channeltest

import (
	"sync"
	"time"
)

// A pipe is one direction of a pair. Its fields are guarded by changed.L.
type pipe struct {
	o         PairOptions
	direction int
	changed   *sync.Cond

	data  []byte // accepted and not yet received
	ends  []int  // datagrams: where each ends in data
	times []int64
	count int       // datagrams accepted so far
	late  *datagram // waits for the next one to pass it

	ended          bool // no more will be written
	writer, reader side
}

// A datagram is one that is held back.
type datagram struct {
	data []byte
	time int64
}

// A side is the state of a pipe's writer or reader.
type side struct {
	closed   bool
	deadline time.Time
	timer    *time.Timer
}

func newPipe(mu *sync.Mutex, o PairOptions, direction int) *pipe {
	return &pipe{o: o, direction: direction, changed: sync.NewCond(mu)}
}

// expired tells whether the side's deadline has passed.
func (s *side) expired() bool {
	return !s.deadline.IsZero() && !time.Now().Before(s.deadline)
}

// setDeadline makes those who wait look at the new deadline now, and at its end.
func (p *pipe) setDeadline(s *side, t time.Time) {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	s.deadline = t
	if !t.IsZero() {
		s.timer = time.AfterFunc(time.Until(t), func() {
			p.changed.L.Lock()
			defer p.changed.L.Unlock()
			p.changed.Broadcast()
		})
	}
	p.changed.Broadcast()
}

// close ends one side.
func (p *pipe) close(s *side) {
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
	p.changed.Broadcast()
}

// write takes what fits of a stream's bytes and returns how many.
func (p *pipe) write(b []byte) int {
	n := min(len(b), p.o.Buffer-len(p.data))
	if n <= 0 {
		return 0
	}
	if p.o.Accept != nil {
		n = min(n, max(1, p.o.Accept(n)))
	}
	p.data = append(p.data, b[:n]...)
	p.changed.Broadcast()
	return n
}

// writeDatagram takes one datagram if it fits.
func (p *pipe) writeDatagram(b []byte) bool {
	if len(p.data) > 0 && len(p.data)+len(b) > p.o.Buffer {
		return false
	}
	fault := None
	if p.o.Fault != nil {
		fault = p.o.Fault(p.direction, p.count)
	}
	p.count++
	now := time.Now().UnixNano()
	late := p.late
	p.late = nil
	switch fault {
	case None:
		p.queue(b, now)
	case Drop:
	case Duplicate:
		p.queue(b, now)
		p.queue(b, now)
	case Delay:
		p.late = &datagram{append([]byte(nil), b...), now}
	}
	if late != nil {
		p.queue(late.data, now)
	}
	p.changed.Broadcast()
	return true
}

func (p *pipe) queue(b []byte, now int64) {
	p.data = append(p.data, b...)
	p.ends = append(p.ends, len(p.data))
	p.times = append(p.times, now)
}

// clear empties the pipe after all was read.
func (p *pipe) clear() {
	p.data, p.ends, p.times = p.data[:0], p.ends[:0], p.times[:0]
	p.changed.Broadcast()
}
