package sys

import (
	"os"
	"os/signal"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A signal interrupts clock_nanosleep; the sleep must go on.
func TestSleepGoesOnAfterSignals(t *testing.T) {
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, unix.SIGUSR1)
	defer signal.Stop(caught)

	thread := make(chan int)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		tid := <-thread
		for {
			select {
			case <-stop:
				return
			default:
				_ = unix.Tgkill(os.Getpid(), tid, unix.SIGUSR1)
				time.Sleep(time.Millisecond)
			}
		}
	}()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	thread <- unix.Gettid()
	at := Monotonic() + int64(50*time.Millisecond)
	SleepUntil(at)
	if now := Monotonic(); now < at {
		t.Errorf("returned %d ns early", at-now)
	}
	close(stop)
	<-done
	select {
	case <-caught:
	case <-time.After(10 * time.Second):
		t.Error("no signal came through: nothing was tested")
	}
}
