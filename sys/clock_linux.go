package sys

import (
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// monotonicAt returns what CLOCK_MONOTONIC read when Go took the time t. Both
// are the same clock, but Go does not show its reading: the kernel is asked
// between two of Go's readings, and the narrowest of some tries is taken.
func monotonicAt(t time.Time) int64 {
	best, width := int64(0), int64(math.MaxInt64)
	for range 8 {
		before := int64(time.Since(t))
		var ts unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
			return 0
		}
		after := int64(time.Since(t))
		if after-before < width {
			width = after - before
			best = ts.Nano() - before - width/2
		}
	}
	return best
}
