package channels

import (
	"context"
	"net"
	"net/netip"
	"syscall"

	"netperfmeter/wire"
)

func dialTCP(ctx context.Context, remote netip.AddrPort, o Options) (Conn, error) {
	c, err := connectTCP(ctx, remote, o)
	if err != nil {
		return nil, err
	}
	return asConn(newStream(wire.TCP, c, remote.Addr().Zone(), o))
}

func dialTCPControl(ctx context.Context, remote netip.AddrPort, o Options) (net.Conn, error) {
	c, err := connectTCP(ctx, remote, o)
	if err != nil {
		return nil, err // not a net.Conn with nothing in it
	}
	return c, nil
}

// connectTCP never uses MPTCP, whatever GODEBUG says.
func connectTCP(ctx context.Context, remote netip.AddrPort, o Options) (*net.TCPConn, error) {
	local, err := localFor(remote.Addr(), o.Local)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return control(raw, func(fd int) error { return setStreamOptions(fd, o) })
	}}
	d.SetMultipathTCP(false)
	if local.IsValid() {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(local, 0))
	}
	c, err := d.DialContext(ctx, dialNetwork("tcp", remote.Addr()), remote.String())
	if err != nil {
		return nil, fromLocal(local, inner(err))
	}
	return c.(*net.TCPConn), nil
}

func listenTCP(ctx context.Context, local netip.AddrPort, o Options) (Listener, error) {
	l, err := bindTCP(ctx, local, o)
	if err != nil {
		return nil, err
	}
	return &streamListener{protocol: wire.TCP, tcp: l, zone: local.Addr().Zone(), o: o}, nil
}

func listenTCPControl(ctx context.Context, local netip.AddrPort, o Options) (net.Listener, error) {
	l, err := bindTCP(ctx, local, o)
	if err != nil {
		return nil, err
	}
	return l, nil
}

func bindTCP(ctx context.Context, local netip.AddrPort, o Options) (*net.TCPListener, error) {
	c := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return control(raw, func(fd int) error { return setStreamOptions(fd, o) })
	}}
	c.SetMultipathTCP(false)
	l, err := c.Listen(ctx, listenNetwork("tcp", local.Addr(), o.V6Only), local.String())
	if err != nil {
		return nil, inner(err)
	}
	return l.(*net.TCPListener), nil
}

// A streamListener accepts TCP or MPTCP.
type streamListener struct {
	protocol wire.Protocol
	tcp      *net.TCPListener
	zone     string // of the address to listen at
	o        Options
	plain    plainArrivals // MPTCP's; belongs to Accept's goroutine
}

func (l *streamListener) Accept() (Conn, error) {
	for {
		c, err := l.tcp.AcceptTCP()
		if err != nil {
			return nil, plain(err)
		}
		// Linux passes the listener's buffers and congestion control on. Some
		// systems refuse all options once the peer has gone: that is no matter
		// of the listener's.
		if s, err := newStream(l.protocol, c, l.zone, l.o); err == nil {
			if l.protocol == wire.MPTCP {
				s.asked = l.plain.asked(s)
			}
			return s, nil
		}
	}
}

func (l *streamListener) Close() error         { return plain(l.tcp.Close()) }
func (l *streamListener) Addr() netip.AddrPort { return withZone(addrPort(l.tcp.Addr()), l.zone) }

// asConn keeps a nil *stream from becoming a Conn that is not nil.
func asConn(s *stream, err error) (Conn, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}
