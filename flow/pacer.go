package flow

import (
	"container/heap"
	"errors"
	"runtime"
	"sync"
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

	mu       sync.Mutex // guards the next three
	returned []*Sender  // have caught up and wait for their next frame
	stopped  bool
	end      int64 // Monotonic: when it was stopped

	swept chan struct{}  // closed when all that was due at the end has been sent
	away  sync.WaitGroup // goroutines of flows that wait for their transport
}

// schedule is a heap of senders, the one whose frame is due first on top.
type schedule []*Sender

func (h schedule) Len() int           { return len(h) }
func (h schedule) Less(i, j int) bool { return h[i].next.At < h[j].next.At }
func (h schedule) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *schedule) Push(x any)        { *h = append(*h, x.(*Sender)) }
func (h *schedule) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}

// run paces the senders until stop is called or no sender has anything more to
// send. It returns after every goroutine that it started has ended.
func (p *pacer) run(senders []*Sender) {
	// The thread's timer slack and priority are set, so the goroutine keeps it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	restore, err := sys.PrepareThread()
	if err == nil {
		defer restore()
	}
	defer p.away.Wait()
	defer close(p.swept)
	for _, s := range senders {
		if s.advance() {
			p.due = append(p.due, s)
		}
	}
	heap.Init(&p.due)
	for p.takeBack() {
		now := p.clock.Monotonic()
		wake := now + int64(pacerNap)
		for len(p.due) > 0 {
			first := p.start + int64(p.due[0].next.At)
			if first > now {
				wake = min(wake, first)
				p.due[0].prepare(p.clock)
				break
			}
			p.serve(p.due[0], now)
			now = p.clock.Monotonic()
		}
		p.clock.Until(wake)
	}
	p.sweep()
}

// sweep sends what was due when the pacer was told to end: frames whose
// instants passed while it slept or served others belong to the measurement.
func (p *pacer) sweep() {
	p.mu.Lock()
	end := time.Duration(p.end - p.start)
	p.mu.Unlock()
	for len(p.due) > 0 && p.due[0].next.At <= end {
		p.due[0].endAt(end + 1)
		p.serve(p.due[0], p.clock.Monotonic())
	}
}

// takeBack puts flows that have caught up back into the schedule; false when
// the pacer is to end.
func (p *pacer) takeBack() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.returned {
		heap.Push(&p.due, s)
	}
	p.returned = p.returned[:0]
	return !p.stopped
}

func (p *pacer) stop() {
	p.mu.Lock()
	p.stopped, p.end = true, p.clock.Monotonic()
	p.mu.Unlock()
}

// serve sends what is due of the flow on top of the schedule, and gives it its
// new place.
func (p *pacer) serve(s *Sender, now int64) {
	err := s.sendDue(p.start, now, false)
	switch {
	case err == nil && s.planned:
		heap.Fix(&p.due, 0)
	case errors.Is(err, channels.ErrWouldBlock):
		heap.Pop(&p.due)
		p.away.Add(1)
		go p.catchUp(s)
	default:
		heap.Pop(&p.due)
		p.ended(s)
	}
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
