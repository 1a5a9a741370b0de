package channels

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"unsafe"

	"github.com/ishidawataru/sctp"
	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// SCTP sockets are of the one-to-one style. The library has their constants and
// layouts; its connections block in system calls that no deadline ends, and
// hand pointers to the kernel as integers, which neither the garbage collector
// nor a growing stack respect. So the sockets are made here, do not block, and
// wait in Go's poller.

// What the library lacks of linux/sctp.h.
const (
	sctpRTOInfo        = 0
	sctpAssocInfo      = 1
	sctpPeerAddrParams = 9
	sctpRecvRcvInfo    = 32
	sctpAssocStats     = 112
	sctpPRAssocStatus  = 115

	sctpCmsgPRInfo = 5

	sctpPRTTL = 0x10
	sctpPRRtx = 0x20
	sctpPRAll = 0x80
)

// What an association asks for and accepts.
var (
	dataStreams    = sctp.InitMsg{NumOstreams: sctp.SCTP_MAX_STREAM, MaxInstreams: sctp.SCTP_MAX_STREAM}
	systemsStreams = sctp.InitMsg{} // a control channel uses stream 0
)

// sctpSocket makes a socket for addresses of one IP version or, if it is
// IPv6's, of both.
func sctpSocket(addrs []netip.Addr, o Options, streams sctp.InitMsg) (*os.File, syscall.RawConn, error) {
	domain, only := unix.AF_INET, true
	for _, a := range addrs {
		if a.Is6() {
			domain = unix.AF_INET6
		}
		if a.Is4() || a.IsUnspecified() && !o.V6Only {
			only = false
		}
	}
	fd, err := unix.Socket(domain, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_SCTP)
	if err != nil {
		return nil, nil, kernelLacks(wire.SCTP, "sctp", err)
	}
	if domain == unix.AF_INET6 {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, boolInt(only))
	}
	if err == nil {
		err = setSCTPOptions(fd, o, streams)
	}
	if err != nil {
		unix.Close(fd)
		return nil, nil, err
	}
	return openFile(fd, "sctp")
}

// probeSCTP makes an SCTP socket.
func probeSCTP() error {
	f, _, err := sctpSocket([]netip.Addr{netip.IPv4Unspecified()}, Options{}, systemsStreams)
	if err != nil {
		return err
	}
	return f.Close()
}

// setSCTPOptions sets what accepted sockets inherit.
func setSCTPOptions(fd int, o Options, streams sctp.InitMsg) error {
	// In the order of struct sctp_event_subscribe: no old-style information with
	// data, changes of the association and of addresses, no failures, no errors
	// of the peer, its shutdown, an aborted partial delivery.
	const events = "\x00\x01\x01\x00\x00\x01\x01"
	err := unix.SetsockoptString(fd, unix.IPPROTO_SCTP, sctp.SCTP_EVENTS, events)
	if err == nil {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_SCTP, sctpRecvRcvInfo, 1)
	}
	switch {
	case err != nil:
	case streams == systemsStreams:
		setSCTPLifeline(fd, o.peerTimeout())
	default:
		setSCTPTries(fd, o.peerTimeout(), systemsMaxRTO)
		err = setSCTP(fd, sctp.SCTP_INITMSG, &streams)
	}
	if err == nil {
		err = setSCTPNoDelay(fd, o)
	}
	if err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	return setBuffers(fd, o)
}

func setSCTPNoDelay(fd int, o Options) error {
	return unix.SetsockoptInt(fd, unix.IPPROTO_SCTP, sctp.SCTP_NODELAY, boolInt(o.NoDelay))
}

// bindSCTP binds to one address and the port (0: the system's choice), and to
// more addresses with the same one.
func bindSCTP(fd int, first netip.AddrPort, more []netip.Addr) error {
	sa, err := sockaddr(first)
	if err != nil {
		return err
	}
	if err := unix.Bind(fd, sa); err != nil {
		return os.NewSyscallError("bind", err)
	}
	bound, err := unix.Getsockname(fd)
	if err != nil {
		return os.NewSyscallError("getsockname", err)
	}
	port := int(fromSockaddr(bound).Port())
	for _, a := range more {
		address := sctp.SCTPAddr{IPAddrs: []net.IPAddr{{IP: a.AsSlice(), Zone: a.Zone()}}, Port: port}
		err := unix.SetsockoptString(fd, unix.IPPROTO_SCTP, sctp.SCTP_SOCKOPT_BINDX_ADD, string(address.ToRawSockAddrBuf()))
		if err != nil {
			return fmt.Errorf("binding to %v as well: %w", a, err)
		}
	}
	return nil
}

// setSCTP and getSCTP are setsockopt(2) and getsockopt(2) with a structure.
func setSCTP[T any](fd, option int, value *T) error {
	_, _, errno := syscall.Syscall6(unix.SYS_SETSOCKOPT, uintptr(fd), unix.IPPROTO_SCTP, uintptr(option),
		uintptr(unsafe.Pointer(value)), unsafe.Sizeof(*value), 0)
	return errnoOrNil(int(errno))
}

func getSCTP[T any](fd, option int, value *T) error {
	size := uint32(unsafe.Sizeof(*value))
	_, _, errno := syscall.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), unix.IPPROTO_SCTP, uintptr(option),
		uintptr(unsafe.Pointer(value)), uintptr(unsafe.Pointer(&size)), 0)
	return errnoOrNil(int(errno))
}
