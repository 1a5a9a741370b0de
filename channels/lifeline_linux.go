package channels

import (
	"time"

	"golang.org/x/sys/unix"
)

// setUserTimeout sets how long data may stay unacknowledged. Keepalives do not
// bound that: they are not sent while anything is under way.
func setUserTimeout(fd int, d time.Duration) error {
	return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(d.Milliseconds()))
}
