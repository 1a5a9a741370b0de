package channels

import (
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Adopt puts a TCP, MPTCP or UDP connection into a Poller's care. Other
// transports' stay as they are. Nobody else may use the connection yet, but close
// it or set a deadline, which holds no longer. With an error (too many
// descriptors) the connection is as it was.
func Adopt(c Conn, p *Poller) error {
	switch c := c.(type) {
	case *stream:
		c.guard.Lock()
		defer c.guard.Unlock()
		old, ok := c.socket.(*net.TCPConn)
		if !ok {
			return nil
		}
		s, err := p.adopt(old, false, old.Close)
		if err != nil {
			return err
		}
		c.socket, c.raw, c.polled = s, s, s
		c.sender.raw, c.receiver.raw = s, s
	case *udpConn:
		old, ok := c.socket.(*net.UDPConn)
		if !ok {
			return nil
		}
		s, err := p.adopt(old, patient(c.raw, c.receiver.on), old.Close)
		if err != nil {
			return err
		}
		c.socket, c.raw, c.polled = s, s, s
		c.receiver.raw = s
	}
	return nil
}

// Adopt puts the socket into a Poller's care, like the function of that name. Its
// Peers must be made afterwards.
func (s *UDPSocket) Adopt(p *Poller) error {
	old, ok := s.socket.(*net.UDPConn)
	if !ok {
		return nil
	}
	polled, err := p.adopt(old, patient(s.raw, s.on), old.Close)
	if err != nil {
		return err
	}
	s.socket, s.raw, s.polled = polled, polled, polled
	s.receiver.raw = polled
	return nil
}

// patient tells whether reading a datagram socket somewhat later changes nothing:
// its messages have the kernel's arrival times, and there is room for a burst.
func patient(raw syscall.RawConn, on offloads) bool {
	room := 0
	err := control(raw, func(fd int) (err error) {
		room, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
		return err
	})
	return err == nil && on.timestamps && room/bufferFactor >= burstBuffer
}

// adopt makes a socket of the Poller of a connection of package net, which is
// left without one. With an error the connection is as it was.
func (p *Poller) adopt(c syscall.Conn, patient bool, closeOld func() error) (*polledSocket, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &polledSocket{poller: p, reading: newWaiter(), writing: newWaiter()}
	s.uses.Store(1)
	err = control(raw, func(fd int) (err error) {
		s.fd, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 0)
		return os.NewSyscallError("fcntl", err)
	})
	if err != nil {
		return nil, err
	}
	p.enter(s)
	s.mu.Lock()
	err = s.watch(p.epoll, &s.inReads, unix.EPOLLONESHOT) // here it can still fail
	s.mu.Unlock()
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	if !patient {
		p.hasty.Store(true)
	}
	// This takes it out of Go's poller; the socket lives on in the copy, whatever
	// it returns.
	_ = closeOld()
	return s, nil
}
