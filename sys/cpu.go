package sys

import (
	"bytes"
	"fmt"
	"strconv"
)

// MaxCPUs is the highest number of CPUs that ParseCPU takes, twice what Linux
// can be built for.
const MaxCPUs = 16384

// CPUTimes is what one CPU, or all of them together, did since the system's
// start, in ticks of the system (their length does not matter where only shares
// are wanted). Guests' time is in User and Nice already. Take differences with
// care: Idle and IOWait may go back a little (proc(5)).
type CPUTimes struct {
	User, Nice, System, Idle uint64
	IOWait, IRQ, SoftIRQ     uint64
	Steal                    uint64 // taken by the hypervisor
}

// ParseCPU reads the cpu lines of Linux's /proc/stat. Index 0 of the result is
// the total, index 1+n the CPU with the number n; a CPU that is switched off
// has no line and all zeros, so that an index keeps its meaning. Columns that
// an old kernel does not have are zero.
func ParseCPU(stat []byte) ([]CPUTimes, error) {
	var cpus []CPUTimes
	for line := range bytes.Lines(stat) {
		fields := bytes.Fields(line)
		if len(fields) == 0 || !bytes.HasPrefix(fields[0], []byte("cpu")) {
			continue
		}
		index, err := cpuIndex(fields[0])
		if err != nil {
			return nil, err
		}
		times, err := parseTimes(fields[1:])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", fields[0], err)
		}
		if missing := index + 1 - len(cpus); missing > 0 {
			cpus = append(cpus, make([]CPUTimes, missing)...)
		}
		cpus[index] = times
	}
	if len(cpus) < 2 {
		return nil, fmt.Errorf("no cpu lines")
	}
	return cpus, nil
}

// cpuIndex turns "cpu" into 0 and "cpu5" into 6.
func cpuIndex(label []byte) (int, error) {
	if len(label) == len("cpu") {
		return 0, nil
	}
	n, err := strconv.ParseUint(string(label[len("cpu"):]), 10, 31)
	if err != nil || n >= MaxCPUs {
		return 0, fmt.Errorf("%q is no CPU from 0 to %d", label, MaxCPUs-1)
	}
	return int(n) + 1, nil
}

func parseTimes(fields [][]byte) (CPUTimes, error) {
	var t CPUTimes
	columns := [...]*uint64{&t.User, &t.Nice, &t.System, &t.Idle, &t.IOWait, &t.IRQ, &t.SoftIRQ, &t.Steal}
	if len(fields) < 4 {
		return t, fmt.Errorf("%d columns instead of at least 4", len(fields))
	}
	for i, column := range columns[:min(len(columns), len(fields))] {
		v, err := strconv.ParseUint(string(fields[i]), 10, 64)
		if err != nil {
			return t, fmt.Errorf("column %d: %w", i+1, err)
		}
		*column = v
	}
	return t, nil
}
