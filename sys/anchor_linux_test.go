package sys

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestAnchorHoldsTheThread(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, held, after unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		t.Fatal(err)
	}
	if before.Count() < 2 {
		t.Skip("the process may use one CPU only: there is nothing to hold")
	}
	if err := unix.SchedSetaffinity(0, &before); err != nil {
		t.Skipf("sched_setaffinity is forbidden here: %v", err)
	}
	a := NewAnchor(0)
	a.wakes = busyRate
	a.Woke(int64(time.Second), 0)
	if err := unix.SchedGetaffinity(0, &held); err != nil || held.Count() != 1 {
		t.Errorf("held on %d CPUs, %v", held.Count(), err)
	}
	// Threads that Go makes now must not be held as well.
	others := make(chan int)
	for range 20 {
		go func() {
			runtime.LockOSThread() // ends with the goroutine
			var set unix.CPUSet
			if err := unix.SchedGetaffinity(0, &set); err != nil {
				t.Error(err)
			}
			others <- set.Count()
		}()
	}
	for range 20 {
		if n := <-others; n != before.Count() {
			t.Errorf("another thread may use %d CPUs of %d", n, before.Count())
		}
	}
	if !a.Release() {
		t.Error("not released")
	}
	if err := unix.SchedGetaffinity(0, &after); err != nil || after != before {
		t.Errorf("after it %d CPUs of %d, %v", after.Count(), before.Count(), err)
	}
}
