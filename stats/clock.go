package stats

import "time"

// Microseconds converts a time in nanoseconds since the epoch, as the kernel
// and package sys have it, into the microseconds of messages and files.
func Microseconds(nanoseconds int64) int64 { return nanoseconds / 1000 }

// Span returns the time between two instants in microseconds, 0 if the second
// is not after the first (a clock that was set back) or one is missing.
func Span(first, last int64) time.Duration {
	if first == 0 || last <= first {
		return 0
	}
	return time.Duration(last-first) * time.Microsecond
}

// PerSecond returns an amount as a rate over span, 0 without one.
func PerSecond(amount uint64, span time.Duration) float64 {
	if span <= 0 {
		return 0
	}
	return float64(amount) / span.Seconds()
}
