package sys

import (
	"testing"
	"time"
)

func TestMonotonicAdvancesWithTime(t *testing.T) {
	before := time.Now()
	first := Monotonic()
	time.Sleep(5 * time.Millisecond)
	last := Monotonic()
	elapsed := int64(time.Since(before))
	if got := last - first; got < int64(5*time.Millisecond) || got > elapsed {
		t.Errorf("Monotonic advanced by %d ns, want 5 ms to %d ns", got, elapsed)
	}
}

func TestRealtimeIsUnixTime(t *testing.T) {
	before := time.Now().UnixNano()
	now := Realtime()
	if now < before-int64(time.Minute) || now > before+int64(time.Minute) {
		t.Errorf("Realtime() = %d, want about %d", now, before)
	}
}

func TestClockReadsAllocateNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { _ = Monotonic() + Realtime() }); n != 0 {
		t.Errorf("%v allocations for two readings", n)
	}
}

func TestClockWatch(t *testing.T) {
	var mono, wall int64
	w := &ClockWatch{
		Threshold: time.Millisecond,
		// Every reading takes 100 ns.
		Monotonic: func() int64 { mono += 100; wall += 100; return mono },
		Realtime:  func() int64 { mono += 100; wall += 100; return wall },
	}
	w.Step()
	steps := []struct {
		name string
		set  time.Duration
		want bool
	}{
		{"nothing happens", 0, false},
		{"forward by an hour", time.Hour, true},
		{"that hour is told once", 0, false},
		{"back by two hours", -2 * time.Hour, true},
		{"below the threshold", 900 * time.Microsecond, false},
		{"small changes do not add up", 900 * time.Microsecond, false},
		{"just the threshold, back", -time.Millisecond, true},
	}
	for _, s := range steps {
		mono += int64(time.Second)
		wall += int64(time.Second + s.set)
		step, ok := w.Step()
		if ok != s.want || step != s.set {
			t.Errorf("%s: Step() = %v, %v, want %v, %v", s.name, step, ok, s.set, s.want)
		}
	}
}

// A reading that was held up must not look like a step.
func TestClockWatchIgnoresADelayedReading(t *testing.T) {
	var now int64
	readings, slow := 0, -1
	w := &ClockWatch{
		Threshold: time.Millisecond,
		Monotonic: func() int64 { now += 100; return now },
		Realtime: func() int64 {
			if readings == slow {
				now += int64(time.Second)
			}
			readings++
			return now + 12345
		},
	}
	w.Step()
	slow = readings
	if step, ok := w.Step(); ok {
		t.Errorf("Step() = %v, true after a delayed reading", step)
	}
	if readings != slow+2 {
		t.Errorf("%d readings after the delayed one, want 1", readings-slow-1)
	}
}

func TestNewClockWatchSeesNoStep(t *testing.T) {
	w := NewClockWatch(time.Hour)
	if step, ok := w.Step(); ok {
		t.Errorf("Step() = %v, true without one", step)
	}
}
