package channels

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// sockaddr returns a as x/sys wants it.
func sockaddr(a netip.AddrPort) (unix.Sockaddr, error) {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}, nil
	}
	zone, err := zoneIndex(a.Addr().Zone())
	if err != nil {
		return nil, err
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16(), ZoneId: zone}, nil
}

// family returns the socket family for a.
func family(a netip.Addr) int {
	if a.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// connect connects f's socket, which does not block. It ends early when ctx does.
func connect(ctx context.Context, f *os.File, remote netip.AddrPort) error {
	sa, err := sockaddr(remote)
	if err != nil {
		return err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = f.SetWriteDeadline(time.Unix(1, 0)) })
	var result error
	err = raw.Write(func(fd uintptr) bool {
		// Asked again, connect tells how the attempt is getting on.
		result = unix.Connect(int(fd), sa)
		switch result {
		case unix.EINPROGRESS, unix.EALREADY, unix.EINTR:
			return false
		case unix.EISCONN:
			result = nil
		}
		return true
	})
	if !stop() { // it has begun, and may set the deadline of what is connected now
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	return os.NewSyscallError("connect", result)
}

// kernelLacks makes the error of a socket(2) that failed, perhaps because the
// kernel does not have the transport, and says which module does.
func kernelLacks(p wire.Protocol, module string, err error) error {
	switch err {
	case unix.EPROTONOSUPPORT, unix.ESOCKTNOSUPPORT:
		return fmt.Errorf("%w: this kernel has no %s (%w); \"modprobe %s\", as root, loads it where it is installed", ErrUnsupported, p, err, module)
	}
	return os.NewSyscallError("socket", err)
}
