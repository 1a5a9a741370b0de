package stats

// AddBatch counts what a call to the transport at time now (microseconds since
// the epoch) has sent.
func (s *SentStats) AddBatch(sent Counts, now int64) {
	s.Counts = s.Counts.Add(sent)
	s.Batches++
	if s.MeasuredFirst == 0 {
		s.MeasuredFirst = now
		if s.First == 0 {
			s.First = now
		}
	}
	s.Last = now
}

// StartSummaries ends a warm-up: the summary of the lateness, if there is one,
// starts anew. Counters go on; Sub takes the warm-up out of them.
func (s *SentStats) StartSummaries() {
	s.MeasuredFirst = 0
	if s.Lateness != nil {
		s.Lateness = new(Summary)
	}
}

// Snapshot returns a copy without the summary.
func (s *SentStats) Snapshot() SentStats {
	c := *s
	c.Lateness = nil
	return c
}

// Sub returns what s, a later copy, has more than o, which is from the time of
// StartSummaries: a measurement without its warm-up. Times and Lateness are
// those of s.
func (s SentStats) Sub(o SentStats) SentStats {
	s.Counts = s.Counts.Sub(o.Counts)
	s.First = s.MeasuredFirst
	s.Skipped = subtract(s.Skipped, o.Skipped)
	s.Empty = subtract(s.Empty, o.Empty)
	s.Dropped = subtract(s.Dropped, o.Dropped)
	s.Unordered = subtract(s.Unordered, o.Unordered)
	s.Unreliable = subtract(s.Unreliable, o.Unreliable)
	s.Blocked -= o.Blocked
	s.Batches = subtract(s.Batches, o.Batches)
	if s.MeasuredFirst == 0 {
		s.Last = 0 // nothing was sent after the warm-up
	}
	return s
}
