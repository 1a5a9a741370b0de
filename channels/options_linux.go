package channels

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// bufferFactor is how much more than asked for the kernel reports.
const bufferFactor = 2

// bufferLimits names what limits a buffer.
var bufferLimits = map[int]string{
	unix.SO_SNDBUF: "net.core.wmem_max",
	unix.SO_RCVBUF: "net.core.rmem_max",
}

func setCongestionControl(fd int, name string) error {
	err := unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, name)
	switch err {
	case nil:
		return nil
	case unix.ENOENT:
		err = fmt.Errorf("unknown to this kernel (%w)", err)
	case unix.EPERM:
		err = fmt.Errorf("not in net.ipv4.tcp_allowed_congestion_control (%w)", err)
	}
	return &CongestionControlError{Name: name, Available: availableCongestionControls(), Err: err}
}

func availableCongestionControls() []string {
	text, err := os.ReadFile("/proc/sys/net/ipv4/tcp_available_congestion_control")
	if err != nil {
		return nil
	}
	return strings.Fields(string(text))
}

func congestionControl(fd int) string {
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	if err == nil && protocol == unix.IPPROTO_DCCP {
		return dccpCongestionControl(fd)
	}
	if err != nil || (protocol != unix.IPPROTO_TCP && protocol != unix.IPPROTO_MPTCP) {
		return ""
	}
	name, err := unix.GetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION)
	if err != nil {
		return ""
	}
	return name
}
