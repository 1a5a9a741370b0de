package channeltest

import (
	"os"
	"runtime"
	"testing"
	"time"
)

// leakPatience is how long goroutines may take to end; it passes only if they
// do not.
const leakPatience = 10 * time.Second

// CheckLeaks makes the test fail if, when it ends, there are more goroutines or
// descriptors than now. Not for tests that run in parallel with others.
func CheckLeaks(t testing.TB) {
	t.Helper()
	goroutines, descriptors := runtime.NumGoroutine(), countDescriptors()
	t.Cleanup(func() {
		stop := time.Now().Add(leakPatience)
		for runtime.NumGoroutine() > goroutines || countDescriptors() > descriptors {
			if time.Now().After(stop) {
				stacks := make([]byte, 1<<20)
				stacks = stacks[:runtime.Stack(stacks, true)]
				t.Errorf("%d goroutines and %d descriptors before, %d and %d after\n%s",
					goroutines, descriptors, runtime.NumGoroutine(), countDescriptors(), stacks)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
}

// countDescriptors returns 0 where the system does not tell.
func countDescriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
