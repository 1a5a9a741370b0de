package channels

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// Package net would fall back to TCP without a word, so these sockets are made
// here. Once connected or listening it takes them over.

func dialMPTCP(ctx context.Context, remote netip.AddrPort, o Options) (Conn, error) {
	begun := time.Now()
	c, err := connectMPTCP(ctx, remote, o)
	if err != nil {
		return nil, err
	}
	took := time.Since(begun)
	s, err := newStream(wire.MPTCP, c, remote.Addr().Zone(), o)
	if err != nil {
		return nil, err
	}
	s.connectTime = took
	return s, nil
}

func dialMPTCPControl(ctx context.Context, remote netip.AddrPort, o Options) (net.Conn, error) {
	c, err := connectMPTCP(ctx, remote, o)
	if err != nil {
		return nil, err
	}
	return c, nil
}

func connectMPTCP(ctx context.Context, remote netip.AddrPort, o Options) (*net.TCPConn, error) {
	local, err := localFor(remote.Addr(), o.Local)
	if err != nil {
		return nil, err
	}
	f, err := mptcpSocket(remote.Addr(), o)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if local.IsValid() {
		if err := fromLocal(local, bind(f, netip.AddrPortFrom(local, 0))); err != nil {
			return nil, err
		}
	}
	if err := connect(ctx, f, remote); err != nil {
		return nil, err
	}
	c, err := net.FileConn(f) // a duplicate
	if err != nil {
		return nil, err
	}
	return c.(*net.TCPConn), nil
}

func listenMPTCP(_ context.Context, local netip.AddrPort, o Options) (Listener, error) {
	l, err := bindMPTCP(local, o)
	if err != nil {
		return nil, err
	}
	return &streamListener{protocol: wire.MPTCP, tcp: l, zone: local.Addr().Zone(), o: o, plain: newPlainArrivals()}, nil
}

func listenMPTCPControl(_ context.Context, local netip.AddrPort, o Options) (net.Listener, error) {
	l, err := bindMPTCP(local, o)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// bindMPTCP listens; plain TCP connections are accepted as well.
func bindMPTCP(local netip.AddrPort, o Options) (*net.TCPListener, error) {
	f, err := mptcpSocket(local.Addr(), o)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := bind(f, local); err != nil {
		return nil, err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	// The kernel limits the backlog to net.core.somaxconn.
	if err := control(raw, func(fd int) error { return unix.Listen(fd, 65535) }); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	l, err := net.FileListener(f) // a duplicate
	if err != nil {
		return nil, err
	}
	return l.(*net.TCPListener), nil
}

// mptcpSocket makes a socket that is MPTCP, with o's options.
func mptcpSocket(a netip.Addr, o Options) (*os.File, error) {
	fd, err := unix.Socket(family(a), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_MPTCP)
	if err != nil {
		return nil, mptcpError(err)
	}
	err = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	if err == nil && a.Is6() {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, boolInt(o.V6Only || !a.IsUnspecified()))
	}
	if err == nil {
		err = setStreamOptions(fd, o)
	}
	if err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "mptcp"), nil
}

// mptcpError tells a kernel where MPTCP is switched off (mptcp_init_sock
// returns ENOPROTOOPT) from one that does not have it.
func mptcpError(err error) error {
	switch {
	case errors.Is(err, unix.ENOPROTOOPT):
		return ErrMPTCPDisabled
	case errors.Is(err, unix.EPROTONOSUPPORT), errors.Is(err, unix.EINVAL):
		return fmt.Errorf("%w by this kernel (%w)", ErrUnsupported, err)
	}
	return os.NewSyscallError("socket", err)
}

// bind binds f's socket.
func bind(f *os.File, local netip.AddrPort) error {
	sa, err := sockaddr(unmap(local))
	if err != nil {
		return err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	return os.NewSyscallError("bind", control(raw, func(fd int) error { return unix.Bind(fd, sa) }))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
