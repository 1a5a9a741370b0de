package stats

// Microseconds converts a time in nanoseconds since the epoch, as the kernel
// and package sys have it, into the microseconds of messages and files.
func Microseconds(nanoseconds int64) int64 { return nanoseconds / 1000 }

// PerSecond returns n as a rate over the time between two instants in
// microseconds, 0 if no time passed or the clock was set back.
func PerSecond(n uint64, first, last int64) float64 {
	if last <= first {
		return 0
	}
	return float64(n) * 1e6 / float64(last-first)
}
