package channels

import (
	"errors"
	"syscall"
)

// IsDropped tells the errors with which the system refuses a datagram that a
// network could have lost as well: no route or link now, a firewall's rule, a
// port that is not open. The next datagram may fare better. For streams these
// errors are final.
func IsDropped(err error) bool {
	for _, e := range []syscall.Errno{
		syscall.EPERM, syscall.EACCES, syscall.ENETUNREACH, syscall.EHOSTUNREACH,
		syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.ECONNREFUSED, syscall.EADDRNOTAVAIL,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
