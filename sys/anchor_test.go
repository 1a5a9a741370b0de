package sys

import (
	"testing"
	"time"
)

// anchored is an Anchor and the time of its thread, which wakes every 100 us.
type anchored struct {
	*Anchor
	t            *testing.T
	now          int64
	holds, frees int
}

func newAnchored(t *testing.T) *anchored {
	a := &anchored{t: t}
	a.Anchor = newAnchor(0, func() bool { a.holds++; return true }, func() bool { a.frees++; return true })
	return a
}

// wake tells of n wake-ups that are late.
func (a *anchored) wake(n int, late time.Duration) {
	for range n {
		a.now += int64(100*time.Microsecond + late)
		a.Woke(a.now, int64(late))
	}
}

func (a *anchored) state(what string, holds, frees int) {
	a.t.Helper()
	if a.holds != holds || a.frees != frees {
		a.t.Errorf("%s: held %d times and freed %d times, expected %d and %d", what, a.holds, a.frees, holds, frees)
	}
}

func TestAnchor(t *testing.T) {
	a := newAnchored(t)
	a.wake(999, 0)
	a.state("in the beginning", 0, 0)
	a.wake(1000, 11*time.Microsecond)
	a.state("hardly late", 1, 0)
	for range 10 {
		a.wake(1, 3*time.Millisecond) // a stall of the machine
		a.wake(2000, 0)
	}
	a.state("late now and then", 1, 0)
	a.wake(2, 3*time.Millisecond)
	a.state("late again and again", 1, 1)
	a.wake(19_999, 0)
	a.state("for two seconds after it", 1, 1)
	a.wake(1, 0)
	a.state("after two seconds", 2, 1)
	a.wake(1, time.Second)
	a.wake(39_999, 0)
	a.state("for four seconds after the next time", 2, 2)
	a.wake(1, 0)
	a.state("after four seconds", 3, 2)
	a.wake(1_000_000, 0)
	a.wake(1, time.Second)
	a.wake(10_000, 0)
	a.state("a second after it was of use for long", 4, 3)
	a.Release()
	a.Release()
	a.state("released", 4, 4)
}

// A neighbour that takes the CPU in slices drives the thread away, whatever
// they are: a catching up after each of them hides how many frames were late.
func TestAnchorWithNeighbour(t *testing.T) {
	for _, off := range []time.Duration{time.Millisecond, 3 * time.Millisecond, 100 * time.Millisecond} {
		a := newAnchored(t)
		a.wake(1000, 0)
		for range 10 {
			a.wake(30, 0)
			a.wake(1, off)
		}
		if a.holds == 0 || a.frees == 0 {
			t.Errorf("3 ms on, %v off: held %d times, freed %d times", off, a.holds, a.frees)
		}
	}
	// Two threads that wake together on one CPU: one of them waits for the other.
	a := newAnchored(t)
	a.wake(1000, 0)
	a.wake(1000, 60*time.Microsecond)
	a.state("in step with another", 1, 1)
}

// A thread that sleeps long stays free.
func TestAnchorOfIdleThread(t *testing.T) {
	a := newAnchored(t)
	for range 10_000 {
		a.now += int64(time.Millisecond)
		a.Woke(a.now, 0)
	}
	a.state("1000 wake-ups a second", 0, 0)
	a.wake(20_000, 0)
	a.state("busy", 1, 0)
}

// A system that cannot is not asked all the time.
func TestAnchorWithoutHold(t *testing.T) {
	a := newAnchored(t)
	asked := 0
	a.hold = func() bool { asked++; return false }
	a.wake(20_000, 0)
	a.Release()
	if asked != 1 || a.frees != 0 {
		t.Errorf("asked %d times in two seconds, freed %d times", asked, a.frees)
	}
}
