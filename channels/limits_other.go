//go:build !linux

package channels

import (
	"runtime"

	"netperfmeter/sys"
)

// readLimits knows what every system tells.
func readLimits() Limits {
	l := Limits{Processors: runtime.NumCPU()}
	l.Descriptors, _ = sys.DescriptorLimit()
	return l
}
