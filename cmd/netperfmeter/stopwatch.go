package main

import (
	"sync"
	"time"

	"netperfmeter/active"
)

// stopwatch finds out how long both sides have sent. The elapsed time of the
// last progress says more than that: it includes the wait for what was in
// flight, and for the passive side's acknowledgement of the end, which a
// reference takes its time for.
type stopwatch struct {
	runtime time.Duration // planned, 0: until interrupted

	mu          sync.Mutex // guards what follows
	began       time.Time
	elapsed     time.Duration
	interrupted time.Time
}

// tell takes note of progress.
func (s *stopwatch) tell(p active.Progress) {
	if p.Phase != active.Measuring {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.elapsed = p.Elapsed
	if s.began.IsZero() {
		s.began = time.Now().Add(-p.Elapsed)
	}
}

// interrupt takes note of a signal.
func (s *stopwatch) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interrupted = time.Now()
}

// read gives the time that was measured, 0 if nothing was.
func (s *stopwatch) read() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	measured := s.elapsed
	if s.runtime > 0 {
		measured = min(measured, s.runtime)
	}
	if !s.interrupted.IsZero() && !s.began.IsZero() {
		measured = min(measured, max(s.interrupted.Sub(s.began), 0))
	}
	return measured
}
