package channels

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// SpeaksMPTCP tells whether c's connection is MPTCP on the wire: the kernel has
// MPTCP_INFO for it, which it has not for TCP, nor after a fallback. The option
// TCP_IS_MPTCP, which says it directly, is younger: Linux 6.1 does not know it.
func SpeaksMPTCP(tb testing.TB, c Conn) bool {
	tb.Helper()
	const mptcpInfo = 1
	var info [64]byte
	err := control(c.(interface{ descriptor() syscall.RawConn }).descriptor(), func(fd int) error {
		_, err := getsockopt(fd, unix.SOL_MPTCP, mptcpInfo, info[:])
		return err
	})
	switch err {
	case nil:
		return true
	case unix.EOPNOTSUPP, unix.ENOPROTOOPT:
		return false
	}
	tb.Fatal(err)
	return false
}
