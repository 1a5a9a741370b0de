package sys

import (
	"testing"
	"time"
)

// wakeUps tells an Anchor of n wake-ups, a millisecond apart, and returns the time.
func wakeUps(a *Anchor, now int64, n int, late time.Duration) int64 {
	for range n {
		now += int64(time.Millisecond)
		a.Woke(now, int64(late))
	}
	return now
}

func TestAnchor(t *testing.T) {
	holds, frees := 0, 0
	a := newAnchor(0, func() bool { holds++; return true }, func() { frees++ })
	state := func(what string, held, freed int) {
		t.Helper()
		if holds != held || frees != freed {
			t.Errorf("%s: held %d times and freed %d times, expected %d and %d", what, holds, frees, held, freed)
		}
	}
	now := wakeUps(a, 0, 99, time.Hour)
	state("in the beginning", 0, 0)
	now = wakeUps(a, now, 1000, 100*time.Microsecond)
	state("in time", 1, 0)
	for range 10 {
		now = wakeUps(a, now, 3, time.Millisecond)
		now = wakeUps(a, now, 60, 0)
	}
	state("late now and then", 1, 0)
	now = wakeUps(a, now, 4, time.Millisecond)
	state("late again and again", 1, 1)
	now = wakeUps(a, now, 999, 0)
	state("for a second after it", 1, 1)
	now = wakeUps(a, now, 1, 0)
	state("after a second", 2, 1)
	now = wakeUps(a, now, 4, time.Millisecond)
	now = wakeUps(a, now, 1999, 0)
	state("for two seconds after the next time", 2, 2)
	wakeUps(a, now, 1, 0)
	state("after two seconds", 3, 2)
	a.Release()
	a.Release()
	state("released", 3, 3)
}

// A system that cannot is not asked all the time.
func TestAnchorWithoutHold(t *testing.T) {
	asked := 0
	a := newAnchor(0, func() bool { asked++; return false }, func() { t.Error("freed what was not held") })
	wakeUps(a, 0, 1000, 0)
	a.Release()
	if asked != 1 {
		t.Errorf("asked %d times in a second", asked)
	}
}
