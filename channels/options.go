package channels

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// setStreamOptions sets buffers and congestion control. Go would set no-delay
// after this, so that is left to newStream.
func setStreamOptions(fd int, o Options) error {
	if err := setBuffers(fd, o); err != nil {
		return err
	}
	if o.CongestionControl == "" || o.CongestionControl == "default" {
		return nil
	}
	return setCongestionControl(fd, o.CongestionControl)
}

func setBuffers(fd int, o Options) error {
	if err := setBuffer(fd, unix.SO_SNDBUF, "SO_SNDBUF", o.SndBuf); err != nil {
		return err
	}
	return setBuffer(fd, unix.SO_RCVBUF, "SO_RCVBUF", o.RcvBuf)
}

// setBuffer compares with what the kernel reports, as it is: on Linux that is
// twice what was asked for, limited to twice net.core.[rw]mem_max, and at an
// ordinary limit of 208 KiB the reference's default of 233016 bytes passes.
func setBuffer(fd, option int, name string, size int) error {
	if size <= 0 {
		return nil
	}
	err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, option, size)
	if err != nil && !errors.Is(err, unix.ENOBUFS) { // BSD says so above its limit
		return fmt.Errorf("%s %d: %w", name, size, err)
	}
	granted, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, option)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if granted < size {
		return &BufferError{Option: name, Asked: size, Granted: granted, Limit: bufferLimits[option]}
	}
	return nil
}

// An EventCounts is what happened to a Conn besides its messages.
type EventCounts struct {
	Refused   uint64 // ICMP errors that came back for datagrams sent, and did not stop it
	NoBuffers uint64 // sends that the kernel had no memory for and that were repeated
	Fallbacks uint64 // times an offload was given up or limited
}

// Events returns what has happened to c up to now, from any goroutine. It is
// zero for a Conn of another package.
func Events(c Conn) EventCounts {
	if s, ok := c.(interface{ events() EventCounts }); ok {
		return s.events()
	}
	return EventCounts{}
}

// MessageLimit returns how long a message may be on c, in bytes, so far as the
// kernel tells; 0: it does not.
func MessageLimit(c Conn) int {
	if s, ok := c.(interface{ messageLimit() int }); ok {
		return s.messageLimit()
	}
	return 0
}

// Granted returns the socket buffers' sizes in bytes, as the kernel reports
// them now, and the name of the congestion control, "" where there is none. All
// are zero for a Conn of another package or one that is closed.
func Granted(c Conn) (snd, rcv int, cc string) {
	s, ok := c.(interface{ descriptor() syscall.RawConn })
	if !ok {
		return 0, 0, ""
	}
	_ = control(s.descriptor(), func(fd int) error {
		snd, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF)
		rcv, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
		cc = congestionControl(fd)
		return nil
	})
	return snd, rcv, cc
}

// setNoDelay switches Nagle's algorithm of TCP and MPTCP off or on.
func setNoDelay(fd int, off bool) error {
	value := 0
	if off {
		value = 1
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, value))
}
