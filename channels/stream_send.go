package channels

import (
	"io"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// noBufferPause is how long a sender waits when the kernel has no memory for
// it now (ENOBUFS): no event tells when it has.
const noBufferPause = 200 * time.Microsecond

// A streamSender belongs to the goroutine that sends.
type streamSender struct {
	raw    syscall.RawConn
	write  func(fd int, p []byte) (int, error)
	counts *counters
	// try and tryOnce are attempt, bound once: a method value made for every
	// call would be an allocation.
	try     func(fd uintptr) bool
	tryOnce func(fd uintptr)

	batch *SendBatch
	err   error // what ended the attempt
}

func (s *streamSender) init(raw syscall.RawConn, write func(int, []byte) (int, error), counts *counters) {
	s.raw, s.write, s.counts = raw, write, counts
	s.try = s.attempt
	s.tryOnce = func(fd uintptr) { s.attempt(fd) }
}

// send implements Conn.Send.
func (s *streamSender) send(b *SendBatch, wait bool) error {
	s.batch = b
	for {
		s.err = nil
		var err error
		if wait {
			err = s.raw.Write(s.try)
		} else {
			// RawConn.Write would wait for the write lock.
			err = s.raw.Control(s.tryOnce)
		}
		switch {
		case err != nil:
			return plain(err)
		case s.err == unix.ENOBUFS || s.err == unix.ENOMEM:
			s.counts.noBuffers.Add(1)
			if !wait {
				return ErrWouldBlock
			}
			time.Sleep(noBufferPause)
		case s.err == nil || wait:
			return s.err
		case s.err == unix.EAGAIN:
			return ErrWouldBlock
		default:
			return s.err
		}
	}
}

// attempt writes until all is accepted, and returns false if the kernel's
// buffer is full.
func (s *streamSender) attempt(fd uintptr) bool {
	b := s.batch
	for b.Offset < len(b.Buf) {
		n, err := s.write(int(fd), b.Buf[b.Offset:])
		switch {
		case n > 0:
			b.accept(n)
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			s.err = err
			return false
		case err == nil:
			s.err = io.ErrNoProgress
			return true
		default:
			s.err = err
			return true
		}
	}
	s.err = nil
	return true
}
