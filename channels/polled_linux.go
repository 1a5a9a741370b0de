package channels

import (
	"cmp"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// closedSocket is set in a polledSocket's uses when it has been closed.
const closedSocket = 1 << 30

// A polledSocket is a socket that a Poller waits for in place of Go's poller,
// with what package net's connections offer. It implements syscall.RawConn.
//
// A blocked call ends because its deadline passes, because of Close, or because
// the kernel says that there is something to do.
type polledSocket struct {
	fd int
	// uses counts the calls that use the descriptor, and 1 until Close: the last
	// one closes it, so that its number cannot be another's meanwhile.
	uses    atomic.Int32
	mu      sync.Mutex // guards the next four, and is held while serve is called
	serve   server     // nil: nobody is served
	served  bool       // it has said that it is done
	inReads bool       // the epolls know the socket
	inWrite bool

	number  int32 // in the Poller's events
	poller  *Poller
	reading waiter
	writing waiter
}

// hold keeps the descriptor open until release; false: it has been closed.
func (s *polledSocket) hold() bool {
	for {
		n := s.uses.Load()
		if n&closedSocket != 0 {
			return false
		}
		if s.uses.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

func (s *polledSocket) release() {
	if s.uses.Add(-1) == closedSocket {
		_ = unix.Close(s.fd)
	}
}

func (s *polledSocket) closed() bool { return s.uses.Load()&closedSocket != 0 }

// Close ends every blocked call. The descriptor is closed when the last of them
// has ended, which may be shortly after Close has returned.
func (s *polledSocket) Close() error {
	for {
		n := s.uses.Load()
		if n&closedSocket != 0 {
			return net.ErrClosed
		}
		if s.uses.CompareAndSwap(n, n|closedSocket) {
			break
		}
	}
	// What is held open for a moment must not be told of meanwhile. It may be in
	// one of them only.
	_ = unix.EpollCtl(s.poller.epoll, unix.EPOLL_CTL_DEL, s.fd, nil)
	_ = unix.EpollCtl(s.poller.writes, unix.EPOLL_CTL_DEL, s.fd, nil)
	s.poller.forget(s)
	s.reading.end()
	s.writing.end()
	s.release()
	return nil
}

// CloseWrite ends the sending direction of a stream.
func (s *polledSocket) CloseWrite() error {
	return control(s, func(fd int) error { return os.NewSyscallError("shutdown", unix.Shutdown(fd, unix.SHUT_WR)) })
}

// SetReadDeadline ends a blocked Read, or serving, at t; the zero time: never.
func (s *polledSocket) SetReadDeadline(t time.Time) error { return s.setDeadline(&s.reading, t) }

// SetWriteDeadline is SetReadDeadline for Write.
func (s *polledSocket) SetWriteDeadline(t time.Time) error { return s.setDeadline(&s.writing, t) }

func (s *polledSocket) setDeadline(w *waiter, t time.Time) error {
	if s.closed() {
		return net.ErrClosed
	}
	w.setDeadline(t)
	return nil
}

// Control implements syscall.RawConn.
func (s *polledSocket) Control(f func(fd uintptr)) error {
	if !s.hold() {
		return net.ErrClosed
	}
	defer s.release()
	f(uintptr(s.fd))
	return nil
}

// Read implements syscall.RawConn.
func (s *polledSocket) Read(f func(fd uintptr) (done bool)) error {
	return s.block(&s.reading, f, s.awaitReadable)
}

// Write implements syscall.RawConn.
func (s *polledSocket) Write(f func(fd uintptr) (done bool)) error {
	return s.block(&s.writing, f, s.awaitWritable)
}

// block calls f until it is done, whenever there may be something to do for it.
func (s *polledSocket) block(w *waiter, f func(fd uintptr) (done bool), arm func() error) error {
	if !s.hold() {
		return net.ErrClosed
	}
	defer s.release()
	for {
		if err := s.reason(w); err != nil {
			return err
		}
		if f(uintptr(s.fd)) {
			return nil
		}
		if err := arm(); err != nil {
			return cmp.Or(s.reason(w), err)
		}
		<-w.wake
	}
}

// reason says why a call cannot go on.
func (s *polledSocket) reason(w *waiter) error {
	switch {
	case s.closed():
		return net.ErrClosed
	case w.expired():
		return os.ErrDeadlineExceeded
	}
	return nil
}

// awaitReadable asks for one signal to reading when there is something to read.
func (s *polledSocket) awaitReadable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watch(s.poller.epoll, &s.inReads, unix.EPOLLIN|unix.EPOLLRDHUP|unix.EPOLLONESHOT)
}

// awaitWritable asks for one signal to writing when there is room.
func (s *polledSocket) awaitWritable() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watch(s.poller.writes, &s.inWrite, unix.EPOLLOUT|unix.EPOLLONESHOT)
}

// watch is called with the lock held, by who holds the descriptor.
func (s *polledSocket) watch(epoll int, in *bool, events uint32) error {
	op := unix.EPOLL_CTL_MOD
	if !*in {
		op = unix.EPOLL_CTL_ADD
	}
	if err := unix.EpollCtl(epoll, op, s.fd, &unix.EpollEvent{Events: events, Fd: s.number}); err != nil {
		return os.NewSyscallError("epoll_ctl", err)
	}
	*in = true
	return nil
}

// unwatch ends the events of what there is to read: an end of the connection,
// which does not go away, would be told for ever. It is called like watch.
func (s *polledSocket) unwatch() {
	// There is no error that this could have, for a socket in the epoll.
	_ = s.watch(s.poller.epoll, &s.inReads, unix.EPOLLONESHOT)
}

// serveReads has by called in the Poller's goroutine whenever there is something
// to read, until it is done. It returns when that is so, and earlier, when by does
// not run any more, because of the read deadline or Close.
func (s *polledSocket) serveReads(by server) error {
	if !s.hold() {
		return net.ErrClosed
	}
	defer s.release()
	if err := s.startServing(by); err != nil {
		return err
	}
	for {
		s.mu.Lock()
		served, err := s.served, s.reason(&s.reading)
		if served || err != nil {
			s.serve = nil
			s.unwatch()
			s.mu.Unlock()
			if served {
				return nil
			}
			return err
		}
		s.mu.Unlock()
		<-s.reading.wake
	}
}

func (s *polledSocket) startServing(by server) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served = false
	// Not by edges: one look for each event is enough, and what it leaves is
	// told again, after the others' turn.
	if err := s.watch(s.poller.epoll, &s.inReads, unix.EPOLLIN|unix.EPOLLRDHUP); err != nil {
		return cmp.Or(s.reason(&s.reading), err)
	}
	s.serve = by
	return nil
}

// readable is called by the Poller's goroutine. It returns how many messages it
// has served.
func (s *polledSocket) readable(b *ReceiveBatch) (messages int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.serve == nil {
		s.reading.signal()
		return 0
	}
	if s.served || !s.hold() {
		return 0 // serveReads is about to see it
	}
	defer s.release()
	b.Release()
	messages, done := s.serve.serveOnce(uintptr(s.fd), b)
	if done {
		s.served = true
		s.unwatch()
		s.reading.signal()
	}
	return messages
}
