package sys

import "time"

// ClockWatch finds steps of the wall clock. On Linux the kernel slews
// CLOCK_REALTIME and CLOCK_MONOTONIC alike, so that their difference changes
// by nothing but steps: a clock that is set, a leap second, a suspended
// machine. One goroutine may use a ClockWatch.
type ClockWatch struct {
	// Threshold is the smallest change that counts as a step.
	Threshold time.Duration
	// Monotonic and Realtime are the clocks that are compared.
	Monotonic, Realtime func() int64

	last int64
}

// NewClockWatch returns a watch over the system's clocks that reports steps of
// at least threshold.
func NewClockWatch(threshold time.Duration) *ClockWatch {
	w := &ClockWatch{Threshold: threshold, Monotonic: Monotonic, Realtime: Realtime}
	w.last = w.difference()
	return w
}

// Step returns by how much the wall clock was set since the last look (or
// since NewClockWatch), forward if positive, and whether that is a step. Only
// the change since the last look counts: small ones do not add up.
func (w *ClockWatch) Step() (time.Duration, bool) {
	now := w.difference()
	step := time.Duration(now - w.last)
	w.last = now
	return step, step.Abs() >= w.Threshold
}

// difference reads wall clock minus monotonic clock. The thread may lose the
// CPU between the readings, which would look like a step: the try with the
// least time in between counts.
func (w *ClockWatch) difference() int64 {
	const tries = 5
	best, width := int64(0), int64(-1)
	for range tries {
		before := w.Monotonic()
		wall := w.Realtime()
		between := w.Monotonic() - before
		if width < 0 || between < width {
			width = between
			best = wall - before - between/2
		}
		if width < int64(w.Threshold)/16 {
			break
		}
	}
	return best
}
