package sys

import "time"

// Anchor keeps a busy thread on the CPU that it runs on, for as long as it wakes
// there in time. A thread that sleeps ten thousand times a second is moved to and
// fro by the kernel, and finds nothing of what it needs in the other CPU's caches:
// where two CPUs had a sender and its receiver, that was half of the sender's
// lateness.
//
// It holds loosely. A thread that others keep from its CPU is let go after few
// milliseconds, and held again, wherever it is then, after a pause that doubles
// when that was of no use either. One thread uses an Anchor.
type Anchor struct {
	hold func() bool // false: this system cannot
	free func() bool // false: this system could not

	held  bool
	last  int64 // Monotonic: the wake-up before
	next  int64 // Monotonic: not looked at before
	wakes int   // since the last look
	begun int64 // Monotonic: when it was held, or the last look
	debt  int64 // ns: what the thread was kept waiting, less what is usual
	pause time.Duration
}

const (
	firstLook = 100 * time.Millisecond // the threads of a measurement have found their places
	lookPause = time.Second
	maxPause  = time.Minute

	// busyRate is the least number of wake-ups a second for which the caches matter
	// more than to be free.
	busyRate = 2000

	// Up to usualLate and a share of 1/usualShare of the time a thread that has the
	// CPU for itself is late; maxDebt beyond that says that it has not.
	usualLate  = 10 * time.Microsecond
	usualShare = 50
	maxDebt    = 5 * time.Millisecond
)

// newAnchor returns an Anchor that looks at the thread when firstLook is over.
func newAnchor(now int64, hold, free func() bool) *Anchor {
	return &Anchor{hold: hold, free: free, last: now, begun: now, next: now + int64(firstLook), pause: lookPause}
}

// Woke is told of every wake-up: the Monotonic instant, and by how many ns it was
// later than asked for.
func (a *Anchor) Woke(now, late int64) {
	a.wakes++
	if !a.held {
		if now >= a.next {
			a.look(now)
		}
		return
	}
	a.debt = max(a.debt-(now-a.last)/usualShare, 0) + max(late-int64(usualLate), 0)
	a.last = now
	if a.debt <= int64(maxDebt) {
		return
	}
	if a.pause = min(2*a.pause, maxPause); now-a.begun > 10*int64(a.pause) {
		a.pause = lookPause // it was of use
	}
	a.Release()
	a.restart(now, a.pause)
}

// look holds the thread if it is busy.
func (a *Anchor) look(now int64) {
	busy := int64(a.wakes) >= busyRate*(now-a.begun)/int64(time.Second)
	a.restart(now, lookPause)
	if busy {
		if a.held = a.hold(); !a.held {
			a.next = now + int64(maxPause)
		}
	}
}

// restart begins to count anew; the next look is after a pause.
func (a *Anchor) restart(now int64, pause time.Duration) {
	a.wakes, a.debt, a.last, a.begun, a.next = 0, 0, now, now, now+int64(pause)
}

// Release lets the thread go where it could before. False: the system refuses,
// and the thread is good for nothing else any more.
func (a *Anchor) Release() bool {
	if !a.held {
		return true
	}
	a.held = false
	return a.free()
}
