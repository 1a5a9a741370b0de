package sys

import (
	"fmt"

	"golang.org/x/sys/unix"
)

const (
	// pacingNice is the nice value that a pacing thread asks for. It is
	// awake for short times only, so that others lose little by it.
	pacingNice = -10

	// recordingNice is the lowest share that is safe. Under SCHED_IDLE a
	// thread may wait for seconds while others use the CPU; if it holds one
	// of Go's Ps then, the garbage collector waits for it, and everything
	// that measures waits for the garbage collector.
	recordingNice = 19
)

// PrepareThread makes the calling thread wake as exactly as the system allows:
// a timer slack of 1 ns instead of 50 us, and a higher priority if the user may
// have it (else it stays as it is, without an error). The caller has locked its
// goroutine to the thread, and calls restore before it unlocks it.
func PrepareThread() (restore func(), err error) {
	tid := unix.Gettid()
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return func() {}, fmt.Errorf("reading the timer slack: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0); err != nil {
		return func() {}, fmt.Errorf("setting the timer slack: %w", err)
	}
	nice, raised := raise(tid)
	return func() {
		// Both only give back what was there before, which is always allowed.
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(slack), 0, 0, 0)
		if raised {
			_ = unix.Setpriority(unix.PRIO_PROCESS, tid, nice)
		}
	}, nil
}

// raise sets the thread's nice value to pacingNice where that is better than
// what it has, and returns the one before.
func raise(tid int) (before int, raised bool) {
	// The system call returns 20 - nice, since it cannot return negative values.
	prio, err := unix.Getpriority(unix.PRIO_PROCESS, tid)
	if err != nil {
		return 0, false
	}
	before = 20 - prio
	if before <= pacingNice {
		return before, false
	}
	return before, unix.Setpriority(unix.PRIO_PROCESS, tid, pacingNice) == nil
}

// LowPriority gives the calling thread the lowest share of the CPU that others
// want too. The caller has locked its goroutine to the thread. Without
// privileges there is no way back: end the goroutine without unlocking it, and
// the thread ends with it.
func LowPriority() error {
	if err := unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), recordingNice); err != nil {
		return fmt.Errorf("lowering the thread's priority: %w", err)
	}
	return nil
}
