package channels

import (
	"syscall"
	"unsafe"
)

// The system calls of the data path bypass Go's scheduler (RawSyscall): they
// never block, since the descriptors are non-blocking, and last as long as the
// kernel copies, some tens of microseconds. syscall.Syscall would have Go's
// monitor thread wake every 20 us to take the processor away from each of them.

// readNow and writeNow are read(2) and write(2) on a non-blocking descriptor.
func readNow(fd int, p []byte) (int, error)  { return transfer(syscall.SYS_READ, fd, p) }
func writeNow(fd int, p []byte) (int, error) { return transfer(syscall.SYS_WRITE, fd, p) } // see readNow

func transfer(call uintptr, fd int, p []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(call, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
