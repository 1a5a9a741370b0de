package channels

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

func dialDCCP(ctx context.Context, remote netip.AddrPort, o Options) (Conn, error) {
	local, err := localFor(remote.Addr(), o.Local)
	if err != nil {
		return nil, err
	}
	f, raw, err := dccpSocket(remote.Addr(), o)
	if err != nil {
		return nil, err
	}
	if local.IsValid() {
		err = fromLocal(local, bind(f, netip.AddrPortFrom(local, 0)))
	}
	if err == nil {
		err = connectOnce(ctx, f, raw, remote)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return newDCCPConn(f, raw, o, systemDCCPCalls), nil
}

// A dccpListener accepts DCCP connections.
type dccpListener struct {
	file *os.File
	raw  syscall.RawConn
	addr netip.AddrPort
	o    Options
	done closedFlag
}

func listenDCCP(_ context.Context, local netip.AddrPort, o Options) (Listener, error) {
	f, raw, err := dccpSocket(local.Addr(), o)
	if errors.Is(err, ErrUnsupported) && local.Addr() == netip.IPv6Unspecified() && !o.V6Only {
		// DCCP for IPv6 is a module of its own.
		local = netip.AddrPortFrom(netip.IPv4Unspecified(), local.Port())
		f, raw, err = dccpSocket(local.Addr(), o)
	}
	if err != nil {
		return nil, err
	}
	err = control(raw, func(fd int) error { return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1) })
	if err == nil {
		err = bind(f, local)
	}
	if err == nil {
		// The kernel limits the backlog to net.core.somaxconn.
		err = os.NewSyscallError("listen", control(raw, func(fd int) error { return unix.Listen(fd, 65535) }))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	l := &dccpListener{file: f, raw: raw, o: o}
	l.addr, _ = socketAddresses(raw)
	return l, nil
}

func (l *dccpListener) Accept() (Conn, error) {
	f, raw, err := acceptFile(l.raw, "dccp")
	if err != nil {
		return nil, l.done.explain(err)
	}
	return newDCCPConn(f, raw, l.o, systemDCCPCalls), nil
}

func (l *dccpListener) Close() error         { return l.done.close(l.file) }
func (l *dccpListener) Addr() netip.AddrPort { return l.addr }
