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
