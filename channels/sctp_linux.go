package channels

import (
	"context"
	"net/netip"
	"os"
	"slices"
	"syscall"

	"github.com/ishidawataru/sctp"
	"golang.org/x/sys/unix"
)

func dialSCTP(ctx context.Context, remote netip.AddrPort, o Options) (Conn, error) {
	a, err := connectSCTP(ctx, remote, o, dataStreams)
	if err != nil {
		return nil, err
	}
	return a, nil
}

// connectSCTP connects to one of the peer's addresses; the peer names its other
// ones in its INIT-ACK.
func connectSCTP(ctx context.Context, remote netip.AddrPort, o Options, streams sctp.InitMsg) (*association, error) {
	if _, err := localFor(remote.Addr(), o.Local); err != nil {
		return nil, err
	}
	locals := make([]netip.Addr, 0, len(o.Local))
	for _, a := range o.Local {
		locals = append(locals, a.Unmap())
	}
	f, raw, err := sctpSocket(append(slices.Clone(locals), remote.Addr()), o, streams)
	if err != nil {
		return nil, err
	}
	if len(locals) > 0 {
		err = control(raw, func(fd int) error { return bindSCTP(fd, netip.AddrPortFrom(locals[0], 0), locals[1:]) })
	}
	if err == nil {
		err = connectOnce(ctx, f, raw, remote)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return newAssociation(f, raw), nil
}

// An sctpListener accepts associations.
type sctpListener struct {
	file *os.File
	raw  syscall.RawConn
	addr netip.AddrPort
	done closedFlag
}

func listenSCTP(_ context.Context, local netip.AddrPort, o Options) (Listener, error) {
	l, err := newSCTPListener(local, o, dataStreams)
	if err != nil {
		return nil, err
	}
	return l, nil
}

// newSCTPListener listens at local and, unless that is a wildcard, with the same
// port at the other addresses of o.Local.
func newSCTPListener(local netip.AddrPort, o Options, streams sctp.InitMsg) (*sctpListener, error) {
	var more []netip.Addr
	for _, a := range o.Local {
		if a = a.Unmap(); a != local.Addr() && !local.Addr().IsUnspecified() {
			more = append(more, a)
		}
	}
	f, raw, err := sctpSocket(append(slices.Clone(more), local.Addr()), o, streams)
	if err != nil {
		return nil, err
	}
	l := &sctpListener{file: f, raw: raw}
	err = control(raw, func(fd int) error {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
			return err
		}
		if err := bindSCTP(fd, local, more); err != nil {
			return err
		}
		if err := unix.Listen(fd, 65535); err != nil { // the kernel limits it to net.core.somaxconn
			return os.NewSyscallError("listen", err)
		}
		bound, err := unix.Getsockname(fd)
		if err != nil {
			return os.NewSyscallError("getsockname", err)
		}
		l.addr = netip.AddrPortFrom(local.Addr(), fromSockaddr(bound).Port())
		return nil
	})
	if err != nil {
		f.Close()
		return nil, err
	}
	return l, nil
}

// accept waits until Close.
func (l *sctpListener) accept() (*association, error) {
	f, raw, err := acceptFile(l.raw, "sctp")
	if err != nil {
		return nil, l.done.explain(err)
	}
	return newAssociation(f, raw), nil
}

func (l *sctpListener) Accept() (Conn, error) {
	a, err := l.accept()
	if err != nil {
		return nil, err
	}
	return a, nil
}

func (l *sctpListener) Close() error         { return l.done.close(l.file) }
func (l *sctpListener) Addr() netip.AddrPort { return l.addr }
