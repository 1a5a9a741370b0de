package flow

import (
	"testing"
	"time"
)

// TestPlannedFramesOfInterval: what is planned ends with the run time, however
// late the measurement's end comes, and no rounding makes a frame of nothing.
func TestPlannedFramesOfInterval(t *testing.T) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for _, test := range []struct {
		rate          float64
		runtime, omit time.Duration
		elapsed       time.Duration
		want          float64
	}{
		{20, ms(4000), ms(1000), ms(3000), 60},
		{20, ms(4000), ms(1000), ms(3030), 60}, // STOP was late
		{20, ms(3990), ms(1010), ms(2980), 59}, // from 1.05 s to 3.95 s
		{20, ms(4030), 0, ms(4030), 81},
		{20, 0, 0, ms(4030), 81}, // until somebody ends it
		{20, 0, 0, ms(4000), 80},
		{0.1, ms(5000), 0, ms(5000), 1},
		{50000, ms(10000), 0, ms(10007), 500000},
		{1e7 / 3, ms(10000), 0, ms(10007), 33333334},
	} {
		m := &Measurement{cfg: Config{Runtime: test.runtime, Omit: test.omit}}
		if got := m.planned(test.rate, test.elapsed.Microseconds()); got != test.want {
			t.Errorf("%g/s, %v without %v in %v: %g frames, expected %g", test.rate, test.runtime, test.omit, test.elapsed, got, test.want)
		}
	}
}
