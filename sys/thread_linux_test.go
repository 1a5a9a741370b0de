package sys

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// onThread runs f on a thread that ends with it.
func onThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		f()
	}()
	<-done
}

func timerSlack(t *testing.T) int {
	t.Helper()
	slack, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		t.Error(err)
	}
	return slack
}

func nice(t *testing.T) int {
	t.Helper()
	prio, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
	if err != nil {
		t.Error(err)
	}
	return 20 - prio
}

func TestPrepareThreadAndRestore(t *testing.T) {
	onThread(func() {
		slack, before := timerSlack(t), nice(t)
		restore, err := PrepareThread()
		if err != nil {
			t.Errorf("PrepareThread: %v", err)
			return
		}
		if got := timerSlack(t); got != 1 {
			t.Errorf("timer slack is %d ns, want 1", got)
		}
		if got := nice(t); got > before {
			t.Errorf("nice went from %d to %d", before, got)
		}
		restore()
		if got := timerSlack(t); got != slack {
			t.Errorf("timer slack is %d ns after restore, was %d", got, slack)
		}
		if got := nice(t); got != before {
			t.Errorf("nice is %d after restore, was %d", got, before)
		}
	})
}

func TestLowPriorityIsTheThreadsAlone(t *testing.T) {
	onThread(func() {
		if err := LowPriority(); err != nil {
			t.Errorf("LowPriority: %v", err)
		}
		if got := nice(t); got != recordingNice {
			t.Errorf("nice is %d, want %d", got, recordingNice)
		}
	})
	onThread(func() {
		if got := nice(t); got == recordingNice {
			t.Error("another thread is nice too")
		}
	})
}
