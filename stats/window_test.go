package stats

import (
	"math/bits"
	"math/rand/v2"
	"testing"
	"time"

	"netperfmeter/wire"
)

// single is message seq as a frame of its own, of 100 bytes.
func single(seq uint64) Arrival {
	return Arrival{Seq: wire.Seq(seq), ByteSeq: 100 * seq, Frame: wire.FrameID(seq), Length: 100, First: true, Last: true}
}

func TestBeyondTheWindow(t *testing.T) {
	tests := []struct {
		name string
		seqs []uint64 // accounted one after the other, in a window of 64
		last uint64
		want ReceivedStats // what the last one changes
	}{
		{"the oldest in the window, missing", []uint64{1, 63}, 0, ReceivedStats{Counts: Counts{100, 1, 1}, Late: Counts{100, 1, 1}}},
		{"the oldest in the window, here", []uint64{0, 63}, 0, ReceivedStats{Duplicates: Counts{100, 1, 1}}},
		{"just outside", []uint64{1, 64}, 0, ReceivedStats{Undecided: Counts{100, 1, 1}}},
		{"outside, was here, others are missing", []uint64{0, 2, 64, 80}, 0, ReceivedStats{Undecided: Counts{100, 1, 1}}},
		{"outside, and all others are here", []uint64{0, 1, 2, 64}, 0, ReceivedStats{Duplicates: Counts{100, 1, 1}}},
		{"a number that nobody reaches", []uint64{0}, maxSeq, ReceivedStats{Undecided: Counts{100, 1, 1}}},
		{"the highest number of all", []uint64{0}, 1<<64 - 1, ReceivedStats{Undecided: Counts{100, 1, 1}}},
		{"a new start of the sender", []uint64{0, 1 << 40}, 1, ReceivedStats{Undecided: Counts{100, 1, 1}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReception(1, 0)
			for _, seq := range test.seqs {
				a := single(seq)
				r.Account(&a)
			}
			before := r.Snapshot()
			a := single(test.last)
			_, ok := r.Account(&a)
			after := r.Snapshot()
			if ok != (test.want.Packets > 0) {
				t.Errorf("received: %v", ok)
			}
			got := ReceivedStats{
				Counts: after.Counts.Sub(before.Counts), Late: after.Late.Sub(before.Late),
				Duplicates: after.Duplicates.Sub(before.Duplicates), Undecided: after.Undecided.Sub(before.Undecided),
			}
			if got != test.want {
				t.Errorf("\n got %+v\nwant %+v", got, test.want)
			}
			if lost := before.Lost.Sub(after.Lost); lost != test.want.Late {
				t.Errorf("the loss went down by %v", lost)
			}
		})
	}
}

// TestWildJumps is about what a hostile sender can cost: nothing grows, and a
// jump costs at most a pass over the window.
func TestWildJumps(t *testing.T) {
	r := NewReception(0, 0)
	allocations := testing.AllocsPerRun(1, func() {
		for i := range uint64(20_000) {
			a := single(i * (1 << 30) % maxSeq)
			r.Account(&a)
			a = single(i << 60)
			r.Account(&a)
		}
	})
	if allocations > 20 {
		t.Errorf("%v allocations", allocations)
	}
	s := r.Snapshot()
	if s.Packets+s.Lost.Packets != r.nextSeq || r.nextSeq > maxSeq {
		t.Errorf("received %d and lost %d of %d", s.Packets, s.Lost.Packets, r.nextSeq)
	}
}

// TestSmallWindow compares with sets of numbers, where more messages come too
// late to tell than in time.
func TestSmallWindow(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 7))
		r := NewReception(64, time.Hour)
		here := map[uint64]bool{}
		var next uint64
		var want ReceivedStats
		for step := range 5000 {
			var seq uint64
			switch base := next + uint64(random.IntN(4)); {
			case random.IntN(50) == 0:
				seq = next + uint64(random.IntN(300))
			case random.IntN(3) == 0:
				seq = subtract(base, uint64(random.IntN(100)))
			default:
				seq = base
			}
			a := single(seq)
			_, ok := r.Account(&a)
			switch {
			case !here[seq] && seq+64 >= next:
				if seq < next {
					want.Late = want.Late.Add(Counts{100, 1, 1})
				}
				here[seq] = true
				want.Counts = want.Counts.Add(Counts{100, 1, 1})
				next = max(next, seq+1)
			case seq+64 >= next, allHere(here, next-64):
				want.Duplicates = want.Duplicates.Add(Counts{100, 1, 1})
			default:
				want.Undecided = want.Undecided.Add(Counts{100, 1, 1})
			}
			lost := next - uint64(len(here))
			want.Lost = Counts{100 * lost, lost, lost}
			got := counters(r.Snapshot())
			got.LateDepthMax, got.LateDepthTotal = 0, 0
			if got != want {
				t.Fatalf("seed %d, step %d, message %d (%v), next %d:\n got %+v\nwant %+v", seed, step, seq, ok, next, got, want)
			}
		}
		if want.Undecided.Packets == 0 || want.Duplicates.Packets == 0 || want.Late.Packets == 0 {
			t.Errorf("seed %d: not everything happened: %+v", seed, want)
		}
	}
}

func allHere(here map[uint64]bool, below uint64) bool {
	for seq := range below {
		if !here[seq] {
			return false
		}
	}
	return true
}

// countMissing counts the window's bits the slow way.
func countMissing(w *window) (n uint64) {
	for _, b := range w.blocks {
		n += uint64(bits.OnesCount64(b.missing))
	}
	return n
}

// TestLongFrame is about a frame that is longer than the window: whole if
// nothing is ever missing, lost for good otherwise, but its messages count.
func TestLongFrame(t *testing.T) {
	s := sender{}
	messages := append(s.send(repeat(1000, 100)...), s.send(100)...)
	for _, swap := range []bool{false, true} {
		r := NewReception(64, 0)
		arrivals := append([]Arrival(nil), messages...)
		if swap {
			arrivals[500], arrivals[501] = arrivals[501], arrivals[500]
		}
		for i := range arrivals {
			r.Account(&arrivals[i])
		}
		got := r.Snapshot()
		want := Counts{100_100, 1001, 2}
		if swap {
			want.Frames = 1
		}
		if got.Counts != want || got.Lost != (Counts{}) {
			t.Errorf("swapped %v: received %v, want %v, lost %v", swap, got.Counts, want, got.Lost)
		}
	}
}

// TestLeftovers: bits of numbers that have left the window, or have come since,
// must not be taken for the beginning of a frame.
func TestLeftovers(t *testing.T) {
	t.Run("from before", func(t *testing.T) {
		messages := equalFrames(false, append(make2s(32), 40, 2)...)
		r := NewReception(64, 5*time.Second)
		account := func(at int64, from, to int) {
			for i := from; i <= to; i++ {
				messages[i].Time = at * 1_000_000
				r.Account(&messages[i])
			}
		}
		account(0, 1, 64)  // 0 is missing until it leaves the window
		account(0, 66, 66) // a long frame without its second message,
		account(7, 65, 65) // which comes too late
		account(7, 67, 80)
		account(7, 82, 82)
		account(7, 81, 81) // nothing is missing, but the frame is lost
		account(7, 83, 105)
		if got := r.Snapshot(); got.Frames != 32 {
			t.Errorf("%d frames, want 32", got.Frames)
		}
	})
	t.Run("from behind", func(t *testing.T) {
		messages := equalFrames(false, append([]int{80}, make2s(10)...)...)
		r := NewReception(64, 0)
		for i := range 91 {
			if i != 78 {
				r.Account(&messages[i])
			}
		}
		r.Account(&messages[78]) // its frame began before the window
		if got := r.Snapshot(); got.Frames != 5 || got.Packets != 91 {
			t.Errorf("received %v", got.Counts)
		}
	})
}

func make2s(n int) []int {
	sizes := make([]int, n)
	for i := range sizes {
		sizes[i] = 2
	}
	return sizes
}
