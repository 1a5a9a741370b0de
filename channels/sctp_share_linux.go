package channels

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

// A shared is one flow's view of an association, see Share.
type shared struct {
	*association
	sender        sctpSender
	ended, closed atomic.Bool
}

func (a *association) share() Conn {
	s := &shared{association: a}
	s.sender.init(a)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.shares++
	a.using++
	return s
}

func (s *shared) Send(b *SendBatch, wait bool) error {
	if s.closed.Load() {
		return net.ErrClosed
	}
	err := s.sender.send(b, wait)
	if err != nil && s.closed.Load() { // Close ends it by its deadline
		return net.ErrClosed
	}
	return s.describe("sending to", err)
}

func (s *shared) SetWriteDeadline(t time.Time) error {
	if s.closed.Load() {
		return net.ErrClosed
	}
	return s.sender.setDeadline(t)
}

func (s *shared) CloseWrite() error {
	if s.closed.Load() {
		return net.ErrClosed
	}
	if s.ended.Swap(true) {
		return nil
	}
	s.mu.Lock()
	s.using--
	last := s.using == 0
	s.mu.Unlock()
	if last {
		return s.association.CloseWrite()
	}
	return nil
}

func (s *shared) Close() error {
	if s.closed.Swap(true) {
		return net.ErrClosed
	}
	_ = s.sender.setDeadline(pastDeadline)
	s.mu.Lock()
	s.shares--
	ending := !s.ended.Swap(true)
	if ending {
		s.using--
	}
	last, idle := s.shares == 0, ending && s.using == 0
	s.mu.Unlock()
	switch {
	case last:
	case idle: // the others have ended their sending, and wait for the association's end
		return s.association.CloseWrite()
	default:
		return nil
	}
	if err := s.association.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}
