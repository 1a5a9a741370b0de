//go:build !unix

package sys

import "errors"

// DescriptorLimit returns errors.ErrUnsupported: there is no such limit here.
func DescriptorLimit() (uint64, error) { return 0, errors.ErrUnsupported }
