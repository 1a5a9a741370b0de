package sys

import "time"

// MaxSpin bounds how long a Sleeper burns a CPU for one wake-up.
const MaxSpin = time.Millisecond

// Sleeper wakes at an exact instant: it sleeps until shortly before it and
// polls the clock for the rest, which hides the wake-up latency of the kernel
// and of Go's scheduler as far as the spin reaches.
type Sleeper struct {
	spin int64
}

// NewSleeper returns a Sleeper that spins for at most the given time, 0 to
// MaxSpin (what is outside is brought inside), before each instant. With 0 it
// only sleeps.
func NewSleeper(spin time.Duration) *Sleeper {
	return &Sleeper{spin: int64(min(max(spin, 0), MaxSpin))}
}

// rehearsalTime is how long before an instant the rehearsal for it begins, in ns:
// several times what one takes.
const rehearsalTime = 3000

// Until returns at the Monotonic instant t or as soon after it as the system
// allows, never before. An instant in the past returns at once. The result is
// the Monotonic instant at which it is over.
//
// rehearse, if it is not nil, is called shortly before t while the Sleeper spins,
// once at most: what the caller is going to use at t comes back into the
// processor's caches. It should take no longer than a microsecond.
func (s *Sleeper) Until(t int64, rehearse func()) int64 {
	now := Monotonic()
	if now >= t {
		return now
	}
	if t-now > s.spin {
		SleepUntil(t - s.spin)
		now = Monotonic()
	}
	// Without spin, and after a stall, it is too late for that.
	if rehearse != nil && now < t && poll(t-rehearsalTime) < t-rehearsalTime/2 {
		rehearse()
	}
	return poll(t)
}

// poll reads the clock until the instant t and returns the last reading. It is
// short enough to do without yielding: Go preempts the loop by a signal if the
// garbage collector wants the thread.
func poll(t int64) int64 {
	now := Monotonic()
	for now < t {
		now = Monotonic()
	}
	return now
}
