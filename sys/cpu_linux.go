package sys

import (
	"fmt"
	"os"
)

// ReadCPU returns the CPUs' times now, in ParseCPU's form: index 0 is the
// total, index 1+n the CPU number n.
func ReadCPU() ([]CPUTimes, error) {
	b, err := os.ReadFile("/proc/stat")
	if err != nil {
		return nil, fmt.Errorf("reading CPU times: %w", err)
	}
	cpus, err := ParseCPU(b)
	if err != nil {
		return nil, fmt.Errorf("reading CPU times from /proc/stat: %w", err)
	}
	return cpus, nil
}
