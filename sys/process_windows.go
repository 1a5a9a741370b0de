package sys

import (
	"time"

	"golang.org/x/sys/windows"
)

// ProcessCPU returns the CPU time that all threads of this process have used
// so far, in user mode and in the kernel.
func ProcessCPU() (user, system time.Duration) {
	var created, exited, k, u windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &k, &u); err != nil {
		return 0, 0
	}
	return fileTime(u), fileTime(k)
}

// fileTime converts a duration that Windows counts in units of 100 ns.
func fileTime(t windows.Filetime) time.Duration {
	return time.Duration(int64(t.HighDateTime)<<32|int64(t.LowDateTime)) * 100
}
