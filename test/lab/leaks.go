//go:build linux

package lab

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// Descriptors counts the open files of a process.
func Descriptors(pid int) int { return entries(fmt.Sprintf("/proc/%d/fd", pid)) }

// KeptDescriptors is how many a passive side may have after many connections
// beside those it had before: it keeps what reads slow flows together, an epoll
// for those who read, one for those who write and an eventfd for every second CPU.
func KeptDescriptors() int { return 3 * max(runtime.NumCPU()/2, 1) }

// Threads counts the threads of a process.
func Threads(pid int) int { return entries(fmt.Sprintf("/proc/%d/task", pid)) }

func entries(dir string) int {
	found, err := os.ReadDir(dir)
	if err != nil {
		return -1
	}
	return len(found)
}

var goroutine = regexp.MustCompile(`(?m)^goroutine \d+ .*\[.*:$`)

// Goroutines ends a Go process with SIGQUIT and counts the goroutines in what it then prints.
func (p *Process) Goroutines() (int, string) {
	p.Signal(syscall.SIGQUIT)
	r := p.Wait()
	return len(goroutine.FindAllString(r.Stderr, -1)), r.Stderr
}

// NoLeaks compares this process's goroutines and descriptors at the end of the test with those of now. What ends by
// itself gets some seconds to do so. Not for tests that run in parallel with others.
func NoLeaks(t testing.TB) {
	t.Helper()
	goroutines, descriptors := runtime.NumGoroutine(), Descriptors(os.Getpid())
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if runtime.NumGoroutine() <= goroutines && Descriptors(os.Getpid()) <= descriptors {
				return
			}
		}
		stacks := make([]byte, 1<<18)
		stacks = stacks[:runtime.Stack(stacks, true)]
		t.Errorf("goroutines: %d became %d, descriptors: %d became %d\n%s",
			goroutines, runtime.NumGoroutine(), descriptors, Descriptors(os.Getpid()), stacks)
	})
}
