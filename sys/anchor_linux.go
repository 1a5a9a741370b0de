package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// NewAnchor returns the Anchor of the calling thread, to which the caller has locked
// its goroutine until after Release: threads that Go makes meanwhile do not
// inherit it. now is the Monotonic time.
func NewAnchor(now int64) *Anchor {
	tid := unix.Gettid()
	var all unix.CPUSet // what the user allows
	hold := func() bool {
		var cpu uint32
		if _, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 {
			return false
		}
		if unix.SchedGetaffinity(tid, &all) != nil || all.Count() < 2 || !all.IsSet(int(cpu)) {
			return false
		}
		var one unix.CPUSet
		one.Set(int(cpu))
		return unix.SchedSetaffinity(tid, &one) == nil
	}
	// Going back is always allowed; without it the thread keeps its CPU.
	free := func() { _ = unix.SchedSetaffinity(tid, &all) }
	return newAnchor(now, hold, free)
}
