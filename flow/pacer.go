package flow

import (
	"container/heap"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"netperfmeter/channels"
	"netperfmeter/sys"
)

// pacerNap bounds one sleep of a pacer, so that flows which come back from
// waiting for their transport, and the end, are seen soon.
const pacerNap = 10 * time.Millisecond

// pacer sends the planned frames of many flows from one thread. A flow whose
// transport has no room leaves the thread for a goroutine of its own until it
// has caught up, so that it holds up nobody else.
type pacer struct {
	clock Clock
	start int64 // Monotonic instant of the measurement's start
	due   schedule
	ended func(*Sender) // is told of senders that have nothing more to send

	rehearsal func() // rehearse, bound once
	nothing   channels.SendBatch

	stopped atomic.Bool

	mu       sync.Mutex // guards the next two
	returned []*Sender  // have caught up and wait for their next frame
	end      int64      // Monotonic: when it was stopped

	swept chan struct{}  // closed when all that was due at the end has been sent
	away  sync.WaitGroup // goroutines of flows that wait for their transport
}

// schedule is a heap of senders, the one whose frame is due first on top.
type schedule []appointment

// appointment is a sender and when its next frame is due. The instant stands
// beside the pointer so that keeping the heap in order does not have to look
// at the senders: of thousands, most are in no cache.
type appointment struct {
	at     time.Duration
	sender *Sender
}

func (h schedule) Len() int           { return len(h) }
func (h schedule) Less(i, j int) bool { return h[i].at < h[j].at }
func (h schedule) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *schedule) Push(x any)        { *h = append(*h, x.(appointment)) }
func (h *schedule) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = appointment{}
	*h = old[:len(old)-1]
	return last
}

// postpone gives the appointment on top a later instant and its new place: heap.Fix
// without its calls through an interface, which are most of the pacer's own work
// with thousands of flows.
func (h schedule) postpone(at time.Duration) {
	moved, i := appointment{at, h[0].sender}, 0
	for {
		next := 2*i + 1
		if next+1 < len(h) && h[next+1].at < h[next].at {
			next++
		}
		if next >= len(h) || at <= h[next].at {
			break
		}
		h[i] = h[next]
		i = next
	}
	h[i] = moved
}

// run paces the senders until stop is called or no sender has anything more to
// send. It returns after every goroutine that it started has ended.
func (p *pacer) run(senders []*Sender) {
	// The thread's timer slack and priority are set, so the goroutine keeps it.
	runtime.LockOSThread()
	restore, err := sys.PrepareThread()
	anchor := sys.NewAnchor(p.clock.Monotonic())
	defer func() {
		if err == nil {
			restore()
		}
		if anchor.Release() { // else the thread ends with the goroutine
			runtime.UnlockOSThread()
		}
	}()
	defer p.away.Wait()
	defer close(p.swept)
	for _, s := range senders {
		if s.advance() {
			p.due = append(p.due, appointment{s.next.At, s})
		}
	}
	heap.Init(&p.due)
	p.rehearsal = p.rehearse
	for p.takeBack() {
		wake, rehearse := p.serveDue()
		now := p.clock.Until(wake, rehearse)
		if rehearse != nil && !p.stopped.Load() {
			p.serve(now) // before anything else is looked at
		}
		anchor.Woke(now, now-wake)
	}
	p.sweep()
}

// serveDue sends all that is due, and prepares what comes next. It returns when
// to look again, and with it the rehearsal for what is due then, nil for nothing.
func (p *pacer) serveDue() (wake int64, rehearse func()) {
	now := p.clock.Monotonic()
	for len(p.due) > 0 {
		first := p.start + int64(p.due[0].at)
		if first > now {
			p.due[0].sender.prepare(p.clock)
			if first > now+int64(pacerNap) {
				break
			}
			return first, p.rehearsal
		}
		now = p.serve(now)
	}
	return now + int64(pacerNap), nil
}

// rehearse goes through what sending the message that was prepared takes, without
// sending any. Its time stamp is set again at the instant of sending.
func (p *pacer) rehearse() {
	s := p.due[0].sender
	before := p.clock.Monotonic()
	wall := p.clock.Realtime()
	if after := p.clock.Monotonic(); after-before < int64(time.Microsecond) { // nothing came between
		s.ahead = wall - after
	}
	s.build.stamp(0)
	_ = s.conn.Send(&p.nothing, false)
}

// sweep sends what was due when the pacer was told to end: frames whose
// instants passed while it slept or served others belong to the measurement.
func (p *pacer) sweep() {
	p.mu.Lock()
	end := time.Duration(p.end - p.start)
	p.mu.Unlock()
	for len(p.due) > 0 && p.due[0].at <= end {
		p.due[0].sender.endAt(end + 1)
		p.serve(p.clock.Monotonic())
	}
}

// takeBack puts flows that have caught up back into the schedule; false when
// the pacer is to end.
func (p *pacer) takeBack() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.returned {
		heap.Push(&p.due, appointment{s.next.At, s})
	}
	p.returned = p.returned[:0]
	return !p.stopped.Load()
}

func (p *pacer) stop() {
	p.mu.Lock()
	p.end = p.clock.Monotonic()
	p.stopped.Store(true)
	p.mu.Unlock()
}

// serve sends what is due of the flow on top of the schedule, and gives it its
// new place. It returns the time.
func (p *pacer) serve(now int64) int64 {
	s := p.due[0].sender
	err := s.sendDue(p.start, now, false)
	if s.last > now {
		now = s.last // has just been read; nobody else writes it before catchUp
	} else {
		now = p.clock.Monotonic()
	}
	switch {
	case err == nil && s.planned:
		p.due.postpone(s.next.At)
	case errors.Is(err, channels.ErrWouldBlock):
		heap.Pop(&p.due)
		p.away.Add(1)
		go p.catchUp(s)
	default:
		heap.Pop(&p.due)
		p.ended(s)
	}
	return now
}

// catchUp waits for the transport of one flow and sends until nothing is due.
// It ends when that is so, or when the sender is stopped.
func (p *pacer) catchUp(s *Sender) {
	defer p.away.Done()
	began := p.clock.Monotonic()
	err := s.send(true)
	s.blocked(p.clock.Monotonic() - began)
	for {
		now := p.clock.Monotonic()
		if err == nil {
			err = s.sendDue(p.start, now, true)
		}
		if err != nil || !s.planned {
			p.ended(s)
			return
		}
		if p.start+int64(s.next.At) > p.clock.Monotonic() {
			p.mu.Lock()
			p.returned = append(p.returned, s)
			p.mu.Unlock()
			return
		}
	}
}
