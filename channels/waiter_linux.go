package channels

import (
	"sync"
	"time"
)

// A waiter is what the goroutine of one direction of a polledSocket waits at.
type waiter struct {
	wake chan struct{} // holds one signal

	mu    sync.Mutex // guards the next two
	late  bool       // the deadline has passed
	timer *time.Timer
}

func newWaiter() waiter { return waiter{wake: make(chan struct{}, 1)} }

// signal ends the wait, or the next one.
func (w *waiter) signal() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *waiter) expired() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.late
}

func (w *waiter) setDeadline(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stop()
	w.late = false
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		w.late = true
		w.signal()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(left, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.timer == timer {
			w.late = true
			w.signal()
		}
	})
	w.timer = timer
}

// stop is called with the lock held.
func (w *waiter) stop() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
}

// end is for the time after the socket was closed.
func (w *waiter) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stop()
	w.signal()
}
