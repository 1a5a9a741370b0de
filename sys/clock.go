package sys

import "time"

// Go's own clock readings need no system call on the usual platforms (they go
// through the vDSO on Linux), which clock_gettime through x/sys does. So
// Monotonic is Go's monotonic clock, moved by a constant to the kernel's zero.
var (
	origin     = time.Now()
	originMono = monotonicAt(origin)
)

// Monotonic returns nanoseconds on a clock that never steps: CLOCK_MONOTONIC
// on Linux, counted from the start of the process elsewhere. It must not be
// called inside of a testing/synctest bubble.
func Monotonic() int64 { return originMono + int64(time.Since(origin)) }

// Realtime returns the wall clock, in nanoseconds since the Unix epoch. It may
// step, in both directions.
func Realtime() int64 { return time.Now().UnixNano() }
