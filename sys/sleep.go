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

// Until returns at the Monotonic instant t or as soon after it as the system
// allows, never before. An instant in the past returns at once.
func (s *Sleeper) Until(t int64) {
	now := Monotonic()
	if now < t && t-now > s.spin {
		SleepUntil(t - s.spin)
		now = Monotonic()
	}
	// Short enough to do without yielding: Go preempts the loop by a signal
	// if the garbage collector wants the thread.
	for now < t {
		now = Monotonic()
	}
}
