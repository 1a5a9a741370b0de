//go:build unix

package sys

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// DescriptorLimit returns how many descriptors the process may have open.
func DescriptorLimit() (uint64, error) {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 0, fmt.Errorf("reading the descriptor limit: %w", err)
	}
	return uint64(l.Cur), nil // signed on FreeBSD
}

// RaiseDescriptorLimit raises the limit to the highest that the system grants
// without privileges, and returns it. Go does so at its start already, unless
// the program was started in some odd way.
func RaiseDescriptorLimit() (uint64, error) {
	var l unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
		return 0, fmt.Errorf("reading the descriptor limit: %w", err)
	}
	if l.Cur < l.Max {
		before := l.Cur
		l.Cur = l.Max
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
			return uint64(before), fmt.Errorf("raising the descriptor limit to %d: %w", l.Max, err)
		}
	}
	return DescriptorLimit()
}
