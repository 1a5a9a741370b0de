//go:build !linux

package sys

import "errors"

// ReadCPU returns errors.ErrUnsupported: only Linux has such an account here.
func ReadCPU() ([]CPUTimes, error) { return nil, errors.ErrUnsupported }
