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
	var all, one unix.CPUSet // what the user allows, and what is left of it
	hold := func() bool {
		var cpu uint32
		if _, _, errno := unix.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); errno != 0 {
			return false
		}
		if unix.SchedGetaffinity(tid, &all) != nil || all.Count() < 2 || !all.IsSet(int(cpu)) {
			return false
		}
		one.Zero()
		one.Set(int(cpu))
		return unix.SchedSetaffinity(tid, &one) == nil
	}
	free := func() bool {
		var is unix.CPUSet
		if unix.SchedGetaffinity(tid, &is) == nil && is != one {
			return true // somebody has chosen for it meanwhile
		}
		return unix.SchedSetaffinity(tid, &all) == nil
	}
	return newAnchor(now, hold, free)
}
