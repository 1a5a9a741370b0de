package stats

import (
	"testing"
	"time"
)

// TestDefragTimeout sends frames of three messages of which the middle one
// comes too late or just in time. The wait begins with the message behind the
// gap; notices 1/32 of the time-out apart may begin it that much early.
func TestDefragTimeout(t *testing.T) {
	const timeout = 5_000_000 // microseconds
	tests := []struct {
		name string
		wait int64 // from the third message to the second
		want Counts
	}{
		{"at once", 1, Counts{300, 3, 1}},
		{"just in time", timeout, Counts{300, 3, 1}},
		{"too late", timeout + 1, Counts{300, 3, 0}},
		{"clock set back", -3 * timeout, Counts{300, 3, 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReception(0, 5*time.Second)
			messages := equalFrames(false, 3)
			for i, at := range []int64{100_000_000, 170_000_000, 170_000_000 + test.wait} {
				a := messages[[]int{0, 2, 1}[i]]
				a.Time = at
				r.Account(&a)
			}
			got := r.Snapshot()
			if got.Counts != test.want || got.Late.Packets != 1 {
				t.Errorf("received %v, want %v, late %v", got.Counts, test.want, got.Late)
			}
		})
	}
}

// TestManyGaps has gaps all the time, so that notices are overwritten: those of
// the last time-out must still be there.
func TestManyGaps(t *testing.T) {
	const timeout = 5_000_000
	const step = 1000 // 1000 messages a second, each odd one missing at first
	for _, test := range []struct {
		wait int64
		want uint64 // frames
	}{{timeout * 31 / 32, 1}, {timeout * 33 / 32, 0}, {timeout * 3, 0}} {
		r := NewReception(0, 5*time.Second)
		count := int(test.wait/step)*2 + 2000
		for i := 0; i < count; i += 2 {
			a := single(uint64(i))
			a.Time = int64(i/2) * step
			r.Account(&a)
		}
		before := r.Snapshot()
		a := single(uint64(1999)) // missed when message 2000 came
		a.Time = 1000*step + test.wait
		r.Account(&a)
		if got := r.Snapshot(); got.Frames-before.Frames != test.want || got.Packets != before.Packets+1 {
			t.Errorf("after %d us: %d frames more", test.wait, got.Frames-before.Frames)
		}
	}
}

// TestSpoiltFrame: with a message that came too late a frame is lost for good,
// whatever comes in time after that, and whether or not others are missing.
func TestSpoiltFrame(t *testing.T) {
	for _, other := range []bool{false, true} {
		r := NewReception(0, 5*time.Second)
		messages := equalFrames(false, 2, 5, 1, 1)
		order := []struct {
			message int
			second  int64
		}{{0, 0}, {1, 0}, {2, 1}, {4, 1}, {3, 7}, {6, 7}, {5, 8}, {7, 9}, {8, 9}}
		if other {
			order = order[1:] // message 0 is missing all the time
		}
		for _, o := range order {
			a := messages[o.message]
			a.Time = o.second * 1_000_000
			r.Account(&a)
		}
		got := r.Snapshot()
		want := uint64(3)
		if other {
			want = 2
		}
		if got.Frames != want || got.Late != (Counts{200, 2, 0}) {
			t.Errorf("other missing %v: received %v, late %v", other, got.Counts, got.Late)
		}
	}
}

// TestClockSetBack: a gap that is seen after the clock was set back is waited
// for no longer than others.
func TestClockSetBack(t *testing.T) {
	r := NewReception(0, 5*time.Second)
	for _, m := range []struct {
		seq uint64
		at  int64
	}{{1, 170_000_000}, {3, 10_000_000}, {2, 16_000_000}} {
		a := single(m.seq)
		a.Time = m.at
		r.Account(&a)
	}
	if got := r.Snapshot(); got.Packets != 3 || got.Frames != 2 {
		t.Errorf("received %v", got.Counts)
	}
}

// TestSlowFrame is longer under way than the time-out, in order.
func TestSlowFrame(t *testing.T) {
	r := NewReception(0, time.Second)
	for i, a := range equalFrames(false, 5) {
		a.Time = int64(i) * 10_000_000
		r.Account(&a)
	}
	if got := r.Snapshot(); got.Frames != 1 || got.Lost != (Counts{}) {
		t.Errorf("received %v, lost %v", got.Counts, got.Lost)
	}
}
