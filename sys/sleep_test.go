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
		until func(int64)
	}{
		{"SleepUntil", SleepUntil},
		{"Sleeper without spin", NewSleeper(0).Until},
		{"Sleeper", NewSleeper(50 * time.Microsecond).Until},
	}
	for _, s := range sleeps {
		t.Run(s.name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			for i := range 200 {
				at := Monotonic() + int64(i)*1000
				s.until(at)
				if now := Monotonic(); now < at {
					t.Fatalf("returned %d ns early", at-now)
				}
			}
		})
	}
}

func TestSleepReturnsAtOnceForThePast(t *testing.T) {
	s := NewSleeper(time.Millisecond)
	for _, at := range []int64{math.MinInt64, -1, 0, Monotonic() - 1, Monotonic()} {
		SleepUntil(at)
		s.Until(at)
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
	n := testing.AllocsPerRun(20, func() { s.Until(Monotonic() + 30_000) })
	if n != 0 {
		t.Errorf("%v allocations for a sleep", n)
	}
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
				s.Until(at)
				late += Monotonic() - at
			}
			b.ReportMetric(float64(late)/float64(b.N)/1000, "us-late/op")
		})
	}
}
