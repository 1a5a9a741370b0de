//go:build !linux

package sys

import "time"

// SleepUntil returns at the Monotonic instant t (nanoseconds) or after it,
// never before. Here it sleeps by Go's timers.
func SleepUntil(t int64) {
	for {
		now := Monotonic()
		if now >= t {
			return
		}
		time.Sleep(time.Duration(t - now))
	}
}
