package channels

import (
	"testing"
	"time"
)

func TestPlainArrivals(t *testing.T) {
	begun := time.Now()
	p := plainArrivals{counted: 5, at: begun}
	for i, step := range []struct {
		counted uint64
		at      time.Duration
		want    bool
	}{
		{5, 10 * time.Second, false},
		{6, 20 * time.Second, true},
		{6, 20 * time.Second, false},
		{8, 30 * time.Second, true}, // two at once
		{8, 30*time.Second + time.Millisecond, true},
		{8, 30*time.Second + 2*time.Millisecond, false},
		{10, 40 * time.Second, true}, // the other one was another listener's
		{10, 50 * time.Second, false},
	} {
		if got := p.arrived(step.counted, begun.Add(step.at)); got != step.want {
			t.Errorf("step %d: %v", i, got)
		}
	}
}
