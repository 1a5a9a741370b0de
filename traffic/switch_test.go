package traffic

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"netperfmeter/wire"
)

// change is one result of Switch.Next, in seconds.
type change struct {
	at float64
	on bool
}

// changes takes up to n changes and checks that they are in order.
func changes(t *testing.T, s *Switch, n int) (got []change) {
	t.Helper()
	last := time.Duration(0)
	for range n {
		at, on, ok := s.Next()
		if !ok {
			break
		}
		if at < last || on != (len(got)%2 == 0) {
			t.Fatalf("change %d: at %v on %v, after %v", len(got), at, on, last)
		}
		last = at
		got = append(got, change{at.Seconds(), on})
	}
	return got
}

func TestSwitch(t *testing.T) {
	mixed := append(absolute(1), relative(1, 1)...)
	mixed = append(mixed, absolute(10)...)
	tests := []struct {
		name   string
		events []wire.Event
		repeat bool
		want   []change
	}{
		{"no list", nil, false, []change{{0, true}}},
		{"no list, repeated", nil, true, []change{{0, true}}},
		{"absolute", absolute(0.5, 2, 3), false, []change{{0.5, true}, {2, false}, {3, true}}},
		{"relative", relative(0.5, 2, 3), false, []change{{0.5, true}, {2.5, false}, {5.5, true}}},
		{"both", mixed, false, []change{{1, true}, {2, false}, {3, true}, {10, false}}},
		{"on at once", absolute(0, 5), false, []change{{0, true}, {5, false}}},
		{"not in order", absolute(3, 1, 2, 5), false, []change{{3, true}, {3, false}, {3, true}, {5, false}}},
		{"relative to one that came too late", append(absolute(3, 1), relative(1)...), false, []change{{3, true}, {3, false}, {4, true}}},
		{"repeated", relative(1, 1, 0.5, 0.5), true,
			[]change{{1, true}, {2, false}, {2.5, true}, {3, false}, {4, true}, {5, false}, {5.5, true}, {6, false}}},
		{"repeated, never off", relative(0, 1), true, []change{{0, true}, {1, false}, {1, true}, {2, false}, {2, true}, {3, false}, {3, true}, {4, false}}},
		{"below 0", absolute(-5, 1), false, []change{{0, true}, {1, false}}},
		{"limited", relative(1e300), false, []change{{1e9, true}}},
	}
	for _, tt := range tests {
		s := NewSwitch(tt.events, tt.repeat, rand.New(rand.NewPCG(1, 1)))
		if got := changes(t, s, 8); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if len(tt.want) < 8 {
			if _, _, ok := s.Next(); ok {
				t.Errorf("%s: goes on after its end", tt.name)
			}
		}
	}
}

// A day of a repeated list: nothing adds up, not even a nanosecond per round.
func TestSwitchDoesNotDrift(t *testing.T) {
	s := NewSwitch(relative(0.1, 0.2, 0.3, 0.4), true, nil)
	for round := range 86400 {
		for i, want := range []time.Duration{100, 300, 600, 1000} {
			want = time.Duration(round)*time.Second + want*time.Millisecond
			if at, on, ok := s.Next(); at != want || on != (i%2 == 0) || !ok {
				t.Fatalf("round %d entry %d: %v, %v, %v, want %v", round, i, at, on, ok, want)
			}
		}
	}
}

// Random times are drawn anew in each round, with the distribution's mean.
func TestSwitchDrawsAnew(t *testing.T) {
	e := wire.Event{Time: dist(wire.Exponential, 2), Relative: true}
	s := NewSwitch([]wire.Event{e, e}, true, NewSource(3))
	const n = 20000
	got := changes(t, s, n)
	if mean := got[n-1].at / n; math.Abs(mean-2) > 0.05 {
		t.Errorf("mean time %v s, want 2", mean)
	}
	seen := map[float64]bool{}
	for i := 1; i < n; i++ {
		seen[got[i].at-got[i-1].at] = true
	}
	if len(seen) < n*9/10 {
		t.Errorf("%d different times of %d", len(seen), n)
	}
}

func TestSwitchIsRepeatable(t *testing.T) {
	e := wire.Event{Time: dist(wire.Pareto, 0.166667, 1.5), Relative: true}
	events := []wire.Event{e, e}
	one := changes(t, NewSwitch(events, true, NewSource(1, 2)), 100)
	same := changes(t, NewSwitch(events, true, NewSource(1, 2)), 100)
	other := changes(t, NewSwitch(events, true, NewSource(1, 3)), 100)
	if !reflect.DeepEqual(one, same) || reflect.DeepEqual(one, other) {
		t.Error("the times do not follow the source")
	}
}

// Time itself ends: no overflow.
func TestSwitchEndsWithTime(t *testing.T) {
	s := NewSwitch(relative(1e9, 1e9), true, nil)
	n := len(changes(t, s, 100))
	if want := int(forever / (1e9 * time.Second)); n != want {
		t.Errorf("%d changes of 10^9 s, want %d", n, want)
	}
	if _, _, ok := s.Next(); ok {
		t.Error("goes on after the end of time")
	}
}
