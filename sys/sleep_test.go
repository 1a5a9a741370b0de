package sys

import (
	"math"
	"runtime"
	"testing"
	"time"
)

func TestSleepIsNeverEarly(t *testing.T) {
	sleeps := []struct {
		name  string
		until func(int64) int64
	}{
		{"SleepUntil", func(t int64) int64 { SleepUntil(t); return t }},
		{"Sleeper without spin", func(t int64) int64 { return NewSleeper(0).Until(t, nil) }},
		{"Sleeper", func(t int64) int64 { return NewSleeper(50*time.Microsecond).Until(t, nil) }},
	}
	for _, s := range sleeps {
		t.Run(s.name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for i := range 200 {
				at := Monotonic() + int64(i)*1000
				over := s.until(at)
				if now := Monotonic(); now < at || over < at || over > now {
					t.Fatalf("returned %d at %d for the instant %d", over, now, at)
				}
			}
		})
	}
}

func TestSleepReturnsAtOnceForThePast(t *testing.T) {
	s := NewSleeper(time.Millisecond)
	for _, at := range []int64{math.MinInt64, -1, 0, Monotonic() - 1, Monotonic()} {
		SleepUntil(at)
		s.Until(at, func() { t.Error("a rehearsal for the past") })
	}
}

func TestNewSleeperBoundsTheSpin(t *testing.T) {
	tests := []struct{ give, want time.Duration }{
		{-time.Second, 0},
		{0, 0},
		{30 * time.Microsecond, 30 * time.Microsecond},
		{time.Hour, MaxSpin},
	}
	for _, tt := range tests {
		if got := NewSleeper(tt.give).spin; got != int64(tt.want) {
			t.Errorf("NewSleeper(%v) spins %d ns, want %v", tt.give, got, tt.want)
		}
	}
}

func TestSleepAllocatesNothing(t *testing.T) {
	s := NewSleeper(10 * time.Microsecond)
	rehearse := func() {}
	n := testing.AllocsPerRun(20, func() { s.Until(Monotonic()+30_000, rehearse) })
	if n != 0 {
		t.Errorf("%v allocations for a sleep", n)
	}
}

// A rehearsal comes once, before the instant and not long before it.
func TestRehearsal(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	rehearsed := 0
	for range 20 {
		at, calls := Monotonic()+500_000, 0
		NewSleeper(MaxSpin).Until(at, func() {
			if now := Monotonic(); calls > 0 || now < at-rehearsalTime {
				t.Errorf("call %d at %d for the instant %d", calls+1, now, at)
			}
			calls++
		})
		rehearsed += calls
	}
	if rehearsed == 0 { // a thread that is never late for all of its spin
		t.Error("no rehearsal in 20 sleeps")
	}
	NewSleeper(0).Until(Monotonic()+20_000, func() { t.Error("a rehearsal without spin") })
}

// BenchmarkLateness reports how late a prepared thread wakes, on average.
func BenchmarkLateness(b *testing.B) {
	for _, spin := range []time.Duration{0, 50 * time.Microsecond, 100 * time.Microsecond} {
		b.Run("spin="+spin.String(), func(b *testing.B) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			restore, err := PrepareThread()
			if err != nil {
				b.Fatal(err)
			}
			defer restore()
			s := NewSleeper(spin)
			late := int64(0)
			for b.Loop() {
				at := Monotonic() + int64(time.Millisecond)
				s.Until(at, nil)
				late += Monotonic() - at
			}
			b.ReportMetric(float64(late)/float64(b.N)/1000, "us-late/op")
		})
	}
}
