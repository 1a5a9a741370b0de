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

// Elapsed is the time from the first to the last transmission, in microseconds.
func (s *SentStats) Elapsed() int64 { return elapsed(s.First, s.Last, s.Span) }

// Elapsed is the time from the first to the last message, in microseconds.
func (s *ReceivedStats) Elapsed() int64 { return elapsed(s.First, s.Last, s.Span) }

// Elapsed is the time between the first and the last statistics event, in
// microseconds.
func (s *Scalars) Elapsed() int64 { return elapsed(s.FirstEvent, s.LastEvent, s.Span) }

func elapsed(first, last, span int64) int64 {
	if span != 0 {
		return span
	}
	return last - first
}
