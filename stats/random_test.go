package stats

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestAgainstModel sends random traffic through random channels and compares
// every counter with the model's, again and again on the way and at the end.
func TestAgainstModel(t *testing.T) {
	frames := map[string]func(r *rand.Rand) []uint32{
		"1 message": func(r *rand.Rand) []uint32 { return []uint32{48 + uint32(r.IntN(1400))} },
		"20 messages": func(r *rand.Rand) []uint32 {
			return append(repeat(19, 1000), 48+uint32(r.IntN(953)))
		},
		"20 any lengths": func(r *rand.Rand) []uint32 {
			lengths := make([]uint32, 20)
			for i := range lengths {
				lengths[i] = 48 + uint32(r.IntN(1400))
			}
			return lengths
		},
		"1 to 300 messages": func(r *rand.Rand) []uint32 { return repeat(1+r.IntN(300), 200) },
	}
	channels := []channel{
		{0, 0, 0, 1},
		{0.01, 0.01, 0.01, 50},
		{0.01, 0, 0, 1},
		{0, 0.3, 0, 4},
		{0.005, 0.02, 0.02, 60},
		{0, 0.01, 0.01, 2000},
		{0.3, 0.3, 0.3, 300},
		{0.9, 0.5, 0.5, 1000},
	}
	for name, frame := range frames {
		for _, c := range channels {
			t.Run(fmt.Sprintf("%s %v", name, c), func(t *testing.T) {
				for seed := range uint64(3) {
					r := rand.New(rand.NewPCG(seed, 5))
					var s sender
					var sent []Arrival
					for len(sent) < 3000 {
						sent = append(sent, s.send(frame(r)...)...)
					}
					arrivals := c.pass(sent, r)
					final := Counts{s.bytes, uint64(s.seq), uint64(s.frame)}
					compare(t, seed, sent, arrivals, final, 0)
					// Just wide enough, so that the ring is used again and again.
					compare(t, seed, sent, arrivals, final, 2*c.depth+300)
				}
			})
		}
	}
}

func compare(t *testing.T, seed uint64, sent, arrivals []Arrival, final Counts, window int) {
	t.Helper()
	m, r := newModel(sent), NewReception(window, time.Hour)
	var records Counts
	for i := range arrivals {
		a := &arrivals[i]
		want := m.account(a)
		record, got := r.Account(a)
		if got != want {
			t.Fatalf("seed %d, arrival %d, message %d: received %v, want %v", seed, i, a.Seq, got, want)
		}
		if got {
			records = records.Add(Counts{uint64(record.Length), 1, uint64(record.Frames)})
			if late := record.Flags&RecordLate != 0; late != m.late[a.Seq] {
				t.Fatalf("seed %d, arrival %d, message %d: late %v", seed, i, a.Seq, late)
			}
		}
		if i%197 == 0 || i == len(arrivals)-1 {
			if got, want := counters(r.Snapshot()), m.result(); got != want {
				t.Fatalf("seed %d, arrival %d, message %d:\n got %+v\nwant %+v", seed, i, a.Seq, got, want)
			}
		}
	}
	if got := r.Snapshot().Counts; got != records {
		t.Fatalf("seed %d: records add up to %v, counters to %v", seed, records, got)
	}
	r.Finish(&final)
	if got := r.Snapshot(); got.Lost.Add(got.Counts) != final {
		t.Fatalf("seed %d: received %v and lost %v are not %v", seed, got.Counts, got.Lost, final)
	}
}

// TestReferenceSender does the same with the byte numbers of a reference
// sender: messages and frames are exact all the time, bytes never more than
// were lost, and exact with the beginning of each frame.
func TestReferenceSender(t *testing.T) {
	lengths := map[string]func(r *rand.Rand) []uint32{
		"1":       func(r *rand.Rand) []uint32 { return []uint32{48 + uint32(r.IntN(1400))} },
		"3":       func(*rand.Rand) []uint32 { return []uint32{128, 128, 74} },
		"20":      func(r *rand.Rand) []uint32 { return append(repeat(19, 1000), 48+uint32(r.IntN(953))) },
		"1 to 50": func(r *rand.Rand) []uint32 { return append(repeat(r.IntN(50), 4000), 48+uint32(r.IntN(3900))) },
		"full":    func(r *rand.Rand) []uint32 { return repeat(1+r.IntN(20), 128) },
	}
	channels := []channel{{0, 0, 0, 1}, {0.01, 0.01, 0.01, 50}, {0, 0.3, 0, 4}, {0.3, 0.3, 0.3, 300}, {0.8, 0.5, 0, 100}}
	for name, frame := range lengths {
		for _, c := range channels {
			t.Run(fmt.Sprintf("%s %v", name, c), func(t *testing.T) {
				exact := 0
				for seed := range uint64(6) {
					r := rand.New(rand.NewPCG(seed, 6))
					s := sender{perFrame: true}
					var sent []Arrival
					for len(sent) < 600 {
						sent = append(sent, s.send(frame(r)...)...)
					}
					exact += compareReference(t, seed, sent, c.pass(sent, r))
				}
				if exact == 0 {
					t.Error("the bytes were never compared exactly")
				}
			})
		}
	}
}

// compareReference returns how often it could compare the bytes exactly.
func compareReference(t *testing.T, seed uint64, sent, arrivals []Arrival) (exact int) {
	t.Helper()
	m, r := newModel(sent), NewReception(0, time.Hour)
	for i := range arrivals {
		a := &arrivals[i]
		highest := m.highest
		m.account(a)
		r.Account(a)
		got, want := counters(r.Snapshot()), m.result()
		if a.First && int64(a.Seq) > highest {
			exact++
		} else if got.Lost.Bytes <= want.Lost.Bytes {
			got.Lost.Bytes = want.Lost.Bytes
		}
		if got != want {
			t.Fatalf("seed %d, arrival %d, message %d:\n got %+v\nwant %+v", seed, i, a.Seq, got, want)
		}
	}
	return exact
}
