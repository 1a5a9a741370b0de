package sys

import (
	"time"

	"golang.org/x/sys/unix"
)

// SleepUntil returns at the Monotonic instant t (nanoseconds) or after it,
// never before. It blocks the thread in clock_nanosleep, which wakes several
// times nearer to the instant than Go's timers do (a median of some 60 to 110
// microseconds late instead of 600 to 800); the caller has locked its goroutine
// to the thread and prepared it with PrepareThread. Nothing can end it early,
// so that a caller that must hear of other things sleeps in pieces.
func SleepUntil(t int64) {
	for {
		now := Monotonic()
		if now >= t {
			return
		}
		ts := unix.NsecToTimespec(t)
		err := unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &ts, nil)
		if err != nil && err != unix.EINTR {
			// A sandbox that forbids the call: the loop goes on with what
			// every Go program can do.
			time.Sleep(time.Duration(t - now))
		}
	}
}
