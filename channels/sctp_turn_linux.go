package channels

import (
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// An os.File has one write deadline and lets one goroutine write at a time, and
// an association has a sender for each of its streams. So they take turns: who
// has the turn waits in the poller under its own deadline, the others wait for
// the turn under theirs.

// sendWaiting sends all. The turn passes on after each progress, so that the
// streams get equal shares of a full buffer.
func (s *sctpSender) sendWaiting() error {
	for {
		if err := s.takeTurn(); err != nil {
			return err
		}
		err := s.a.raw.Write(s.try)
		s.giveTurn()
		switch {
		case err != nil:
			return s.a.done.explain(err)
		case s.err == unix.ENOBUFS:
			time.Sleep(noBufferPause)
		case s.err != nil && s.err != unix.EAGAIN:
			return s.err
		case s.batch.Done():
			return nil
		}
	}
}

// takeTurn returns when it is this sender's turn, its deadline has passed, or
// the association is closed: then the one before gives its turn up.
func (s *sctpSender) takeTurn() error {
	for {
		s.a.mu.Lock()
		deadline := s.deadline
		s.a.mu.Unlock()
		if !deadline.IsZero() && time.Until(deadline) <= 0 {
			return s.a.done.explain(os.ErrDeadlineExceeded)
		}
		select { // mostly nobody else waits
		case s.a.turn <- struct{}{}:
			return s.hold()
		default:
		}
		if s.awaitTurn(deadline) {
			return s.hold()
		}
	}
}

// awaitTurn returns true with the turn, and false when the deadline has passed
// or changed.
func (s *sctpSender) awaitTurn(deadline time.Time) bool {
	var expired <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		expired = timer.C
	}
	select {
	case s.a.turn <- struct{}{}:
		return true
	case <-s.changed:
	case <-expired:
	}
	return false
}

// hold makes the file's deadline this sender's, which has the turn.
func (s *sctpSender) hold() error {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	if err := s.a.file.SetWriteDeadline(s.deadline); err != nil {
		<-s.a.turn
		return s.a.done.explain(err)
	}
	s.a.holder = s
	return nil
}

func (s *sctpSender) giveTurn() {
	s.a.mu.Lock()
	s.a.holder = nil
	s.a.mu.Unlock()
	<-s.a.turn
}

func (s *sctpSender) setDeadline(t time.Time) error {
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	if s.a.done.Load() {
		return net.ErrClosed
	}
	s.deadline = t
	select {
	case s.changed <- struct{}{}:
	default:
	}
	if s.a.holder == s {
		return s.a.done.explain(s.a.file.SetWriteDeadline(t))
	}
	return nil
}
