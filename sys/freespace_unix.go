//go:build linux || freebsd || darwin

package sys

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// FreeSpace returns how many bytes an unprivileged user can still write to the
// file system that dir is on.
func FreeSpace(dir string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, fmt.Errorf("free space in %s: %w", dir, err)
	}
	// Signed on FreeBSD, where it is negative when only root can still write.
	if int64(s.Bavail) < 0 {
		return 0, nil
	}
	return uint64(s.Bavail) * uint64(s.Bsize), nil
}
