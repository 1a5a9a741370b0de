//go:build !(linux || freebsd || darwin)

package sys

import "errors"

// FreeSpace returns errors.ErrUnsupported: it is not known here.
func FreeSpace(string) (uint64, error) { return 0, errors.ErrUnsupported }
