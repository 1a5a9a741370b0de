//go:build !linux

package channels

import "golang.org/x/sys/unix"

// bufferFactor is how much more than asked for the kernel reports.
const bufferFactor = 1

// bufferLimits names what limits a buffer.
var bufferLimits = map[int]string{
	unix.SO_SNDBUF: "kern.ipc.maxsockbuf",
	unix.SO_RCVBUF: "kern.ipc.maxsockbuf",
}

func setCongestionControl(_ int, name string) error {
	return &CongestionControlError{Name: name, Err: ErrUnsupported}
}

func congestionControl(int) string { return "" }
