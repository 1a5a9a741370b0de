package channels

import (
	"fmt"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// probeMPTCP makes an MPTCP socket.
func probeMPTCP() error {
	f, err := mptcpSocket(netip.IPv4Unspecified(), Options{})
	if err != nil {
		return err
	}
	return f.Close()
}

// probeOffloads asks a socket of its own.
func probeOffloads() []Feature {
	features := []Feature{{Name: "GSO"}, {Name: "GRO"}, {Name: "sendmmsg"}, {Name: "recvmmsg"}, {Name: timeStamps}}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		for i := range features {
			features[i].Err = os.NewSyscallError("socket", err)
		}
		return features
	}
	defer unix.Close(fd)
	results := []error{
		unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_SEGMENT, 0),
		unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_GRO, 1),
		emptyCall(unix.SYS_SENDMMSG, fd),
		emptyCall(unix.SYS_RECVMMSG, fd),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
	}
	for i, err := range results {
		if err != nil {
			features[i].Err = fmt.Errorf("%w by this kernel (%w)", ErrUnsupported, err)
		}
	}
	return features
}

// emptyCall makes a sendmmsg or recvmmsg call for no messages, which a kernel
// that has it does without complaint.
func emptyCall(number uintptr, fd int) error {
	if _, _, errno := syscall.Syscall6(number, uintptr(fd), 0, 0, unix.MSG_DONTWAIT, 0, 0); errno != 0 {
		return errno
	}
	return nil
}
