package sys

import "time"

// Anchor keeps a thread on the CPU that it runs on, for as long as it wakes there in
// time. A thread that sleeps ten thousand times a second is moved to and fro by
// the kernel, and finds nothing of what it needs in the other CPU's caches: where
// two CPUs had a sender and its receiver, that was half of the sender's lateness.
//
// It holds loosely. A thread that others keep from its CPU is let go at once, and
// held again, wherever it is then, after a time that doubles with every try. One
// thread uses an Anchor.
type Anchor struct {
	hold func() bool // false: this system cannot
	free func()

	held  bool
	late  int   // late wake-ups of late, grown by lateWeight and shrunk by 1
	next  int64 // Monotonic: not held before
	pause time.Duration
}

const (
	// lateWakeUp is longer than an idle system takes, several times.
	lateWakeUp = 200 * time.Microsecond
	// Four late wake-ups among few are too many.
	lateWeight = 16
	lateLimit  = 4*lateWeight - 8

	firstPause = 100 * time.Millisecond // the threads of a measurement have found their places
	againPause = time.Second
	maxPause   = time.Minute
)

// newAnchor returns an Anchor that takes hold when firstPause is over.
func newAnchor(now int64, hold func() bool, free func()) *Anchor {
	return &Anchor{hold: hold, free: free, next: now + int64(firstPause), pause: againPause}
}

// Woke is told of every wake-up: the Monotonic instant, and by how many ns it was
// later than asked for.
func (a *Anchor) Woke(now, late int64) {
	if !a.held {
		if now >= a.next {
			a.held, a.late = a.hold(), 0
			a.next = now + int64(maxPause)
		}
		return
	}
	if late < int64(lateWakeUp) {
		a.late = max(a.late-1, 0)
		return
	}
	if a.late += lateWeight; a.late > lateLimit {
		a.Release()
		a.next = now + int64(a.pause)
		a.pause = min(2*a.pause, maxPause)
	}
}

// Release lets the thread go where it could before.
func (a *Anchor) Release() {
	if a.held {
		a.free()
		a.held = false
	}
}
