package sys

import (
	"os"
	"runtime"
	"sync"
)

// processors guards the change of a setting that the whole process has.
var processors sync.Mutex

// AddProcessors lets n more threads run Go code at the same time, until remove
// is called, for the first time. A thread that paces needs one of Go's processors whenever it wakes;
// if busy goroutines hold all of them, it waits until one is preempted, up to
// 10 ms, while the kernel would have run it at once. Where there is nothing to
// pace, more processors than CPUs only cost throughput. A GOMAXPROCS that the
// user has set stays as it is.
func AddProcessors(n int) (remove func()) {
	if os.Getenv("GOMAXPROCS") != "" {
		return func() {}
	}
	change := func(n int) {
		processors.Lock()
		defer processors.Unlock()
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + n)
	}
	change(n)
	return sync.OnceFunc(func() { change(-n) })
}
