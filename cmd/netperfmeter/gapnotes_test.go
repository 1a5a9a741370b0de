package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"netperfmeter/active"
)

func TestGapNote(t *testing.T) {
	nan := math.NaN()
	tests := []struct {
		gaps []active.GapReport
		more uint64
		late float64
		want string
	}{
		{nil, 0, nan, ""},
		{[]active.GapReport{{At: 2.5, Length: 1234, Recovery: 310}}, 0, 12, "nothing came for 1.23 s from 2.500 s on; the old rate was back 310 ms later"},
		{[]active.GapReport{{At: 1, Length: 200, Recovery: 0}, {At: 4, Length: 600, Recovery: 0}}, 2, nan,
			"nothing came for 600 ms from 4.000 s on, then the old rate was back at once; 3 more gaps of over 100 ms"},
		{[]active.GapReport{{At: 4, Length: 600, Recovery: nan}}, 0, 12, "nothing came for 600 ms from 4.000 s on; the old rate was not seen again"},
		{[]active.GapReport{{At: 4, Length: 600, Recovery: nan}, {At: 5, Length: 500, Recovery: 0}}, 0, 12, "nothing came for 600 ms from 4.000 s on; the old rate was not seen again; 1 more gap of over 100 ms"},
		// No rate before it, or no time to see one again.
		{[]active.GapReport{{At: 0.006, Length: 209, Recovery: nan}}, 0, 12, "nothing came for 209 ms from 0.006 s on"},
		{[]active.GapReport{{At: 3.5, Length: 450, Recovery: nan}, {At: 4, Length: 600, Recovery: nan}}, 0, 12, "nothing came for 600 ms from 4.000 s on; 1 more gap of over 100 ms"},
		{[]active.GapReport{{At: 4, Length: 600, Recovery: nan}, {At: 4.7, Length: 300, Recovery: 0}}, 0, 12, "nothing came for 600 ms from 4.000 s on; 1 more gap of over 100 ms"},
		{[]active.GapReport{{At: 9.3, Length: 600, Recovery: nan}}, 0, 12, "nothing came for 600 ms from 9.300 s on"},
		{[]active.GapReport{{At: 0, Length: 600, Recovery: nan}}, 0, 12, "nothing came for 600 ms from 0.000 s on"},
		{[]active.GapReport{{At: 2.5, Length: 1234, Recovery: 310}}, 0, 1250, "nothing came for 1.23 s from 2.500 s on; the old rate was back 310 ms later; its sender was up to 1.25 s late"},
		{[]active.GapReport{{At: 4, Length: 6000, Open: true, Recovery: nan}}, 0, 12, "nothing came for 6.00 s from 4.000 s on, to the end"},
	}
	for _, tt := range tests {
		d := active.DirectionReport{Gaps: active.GapsReport{Threshold: 100, Total: uint64(len(tt.gaps)) + tt.more, List: tt.gaps}}
		d.Sending.LatenessMax = tt.late
		if got := gapNote(&d, 10*time.Second, true); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
		want := strings.Replace(tt.want, "; the old rate was not seen again", "", 1)
		if got := gapNote(&d, 10*time.Second, false); got != want {
			t.Errorf("with an on/off list: got %q, want %q", got, want)
		}
	}
}
