package flow

import (
	"container/heap"
	"math/rand/v2"
	"testing"
	"time"
)

// TestPostponed sees that the appointment on top is the earliest, however those
// on top are moved, for schedules of every small size.
func TestPostponed(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for size := 1; size <= 40; size++ {
		var h schedule
		next := map[*Sender]time.Duration{}
		for range size {
			s, at := new(Sender), time.Duration(r.IntN(20))
			h = append(h, appointment{at, s})
			next[s] = at
		}
		heap.Init(&h)
		for step := range 500 {
			for _, at := range next {
				if at < h[0].at {
					t.Fatalf("%d senders, step %d: %v is on top, %v is waiting", size, step, h[0].at, at)
				}
			}
			if next[h[0].sender] != h[0].at {
				t.Fatalf("%d senders, step %d: a sender has the instant of another", size, step)
			}
			at := h[0].at + time.Duration(r.IntN(10))
			next[h[0].sender] = at
			h.postpone(at)
		}
	}
}
