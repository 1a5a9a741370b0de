package channels

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Package net has no sockets of transports that it does not know. An os.File
// waits for one in Go's poller as well, as long as its Fd method, which makes
// the socket block, is never called.

// pastDeadline ends waits at once.
var pastDeadline = time.Unix(1, 0)

// closedFlag makes the errors of a closed os.File those of package net:
// errors.Is cannot tell the file's own.
type closedFlag struct{ atomic.Bool }

func (c *closedFlag) close(f *os.File) error {
	if c.Swap(true) {
		return net.ErrClosed
	}
	return f.Close()
}

func (c *closedFlag) explain(err error) error {
	if err != nil && c.Load() {
		return net.ErrClosed
	}
	return plain(err)
}

// openFile makes a file of a socket that does not block, and closes it if that
// fails.
func openFile(fd int, name string) (*os.File, syscall.RawConn, error) {
	f := os.NewFile(uintptr(fd), name)
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, raw, nil
}

// connectOnce connects f's socket, until ctx ends. Unlike connect it calls
// connect(2) once: asked again after a failed attempt, SCTP and DCCP would begin
// another one.
func connectOnce(ctx context.Context, f *os.File, raw syscall.RawConn, remote netip.AddrPort) error {
	sa, err := sockaddr(remote)
	if err != nil {
		return err
	}
	err = control(raw, func(fd int) error { return unix.Connect(fd, sa) })
	if err != unix.EINPROGRESS {
		return os.NewSyscallError("connect", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = f.SetWriteDeadline(pastDeadline) })
	var result error
	err = raw.Write(func(fd uintptr) bool {
		failed, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR)
		if err != nil || failed != 0 {
			result = errors.Join(err, errnoOrNil(failed))
			return true
		}
		_, err = unix.Getpeername(int(fd))
		return err == nil
	})
	if !stop() { // it has begun, and may set the deadline of what is connected now
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	return os.NewSyscallError("connect", result)
}

// acceptFile accepts one connection at a listening socket.
func acceptFile(raw syscall.RawConn, name string) (*os.File, syscall.RawConn, error) {
	var fd int
	var result error
	err := raw.Read(func(listener uintptr) bool {
		fd, _, result = unix.Accept4(int(listener), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		return result != unix.EAGAIN
	})
	if err != nil {
		return nil, nil, err
	}
	if result != nil {
		return nil, nil, os.NewSyscallError("accept", result)
	}
	return openFile(fd, name)
}

func errnoOrNil(n int) error {
	if n == 0 {
		return nil
	}
	return syscall.Errno(n)
}

// fromSockaddr is sockaddr backwards.
func fromSockaddr(sa unix.Sockaddr) netip.AddrPort {
	switch sa := sa.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(sa.Addr), uint16(sa.Port))
	case *unix.SockaddrInet6:
		a := netip.AddrFrom16(sa.Addr).Unmap()
		if sa.ZoneId != 0 && a.IsLinkLocalUnicast() && a.Is6() {
			a = a.WithZone(zoneName(sa.ZoneId))
		}
		return netip.AddrPortFrom(a, uint16(sa.Port))
	}
	return netip.AddrPort{}
}

// socketAddresses returns both ends of a connected socket; an end that cannot
// be told is not valid.
func socketAddresses(raw syscall.RawConn) (local, remote netip.AddrPort) {
	_ = control(raw, func(fd int) error {
		if sa, err := unix.Getsockname(fd); err == nil {
			local = fromSockaddr(sa)
		}
		if sa, err := unix.Getpeername(fd); err == nil {
			remote = fromSockaddr(sa)
		}
		return nil
	})
	return local, remote
}
