package stats

import (
	"math/rand/v2"
	"sort"

	"netperfmeter/wire"
)

// sender makes the messages of a flow.
type sender struct {
	perFrame bool // the reference's byte numbers
	frame    wire.FrameID
	seq      wire.Seq
	bytes    uint64
	time     int64
}

// send returns the messages of a frame, of the lengths given.
func (s *sender) send(lengths ...uint32) []Arrival {
	var messages []Arrival
	start := s.bytes
	for i, length := range lengths {
		a := Arrival{
			Sent: s.time, Seq: s.seq, ByteSeq: s.bytes, Frame: s.frame, Length: length,
			First: i == 0, Last: i == len(lengths)-1,
		}
		if s.perFrame {
			a.ByteSeq = start
		}
		messages = append(messages, a)
		s.seq++
		s.bytes += uint64(length)
		s.time += 10
	}
	s.frame++
	return messages
}

// repeat returns n equal lengths.
func repeat(n int, length uint32) []uint32 {
	lengths := make([]uint32, n)
	for i := range lengths {
		lengths[i] = length
	}
	return lengths
}

// channel loses, delays and duplicates messages with these probabilities;
// depth is how many messages later a delayed or second one comes at most.
type channel struct {
	drop, delay, duplicate float64
	depth                  int
}

// pass returns the messages in the order of their arrival.
func (c channel) pass(messages []Arrival, r *rand.Rand) []Arrival {
	type transit struct {
		a  Arrival
		at float64
	}
	var all []transit
	for i, a := range messages {
		if r.Float64() < c.drop {
			continue
		}
		at := float64(i)
		if r.Float64() < c.delay {
			at += float64(r.IntN(c.depth)) + 0.5
		}
		all = append(all, transit{a, at})
		if r.Float64() < c.duplicate {
			all = append(all, transit{a, at + float64(r.IntN(c.depth)) + 0.25})
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].at < all[j].at })
	arrivals := make([]Arrival, len(all))
	for i, t := range all {
		t.a.Time = t.a.Sent + int64(10*(t.at-float64(t.a.Seq))) + 100
		arrivals[i] = t.a
	}
	return arrivals
}

// model counts in the most obvious way: it knows all that was sent, keeps all
// that came and goes through everything when asked.
type model struct {
	sent    []Arrival // by number
	here    map[wire.Seq]bool
	late    map[wire.Seq]bool // came late
	highest int64
	stats   ReceivedStats
}

func newModel(sent []Arrival) *model {
	return &model{sent: sent, here: map[wire.Seq]bool{}, late: map[wire.Seq]bool{}, highest: -1}
}

func (m *model) account(a *Arrival) bool {
	s := &m.stats
	if m.here[a.Seq] {
		s.Duplicates.Packets++
		s.Duplicates.Bytes += uint64(a.Length)
		if a.First && a.Last {
			s.Duplicates.Frames++
		}
		return false
	}
	if depth := m.highest - int64(a.Seq); depth > 0 {
		s.Late.Packets++
		s.Late.Bytes += uint64(a.Length)
		s.LateDepthMax = max(s.LateDepthMax, uint64(depth))
		s.LateDepthTotal += uint64(depth)
		m.late[a.Seq] = true
		if m.complete(a.Seq) {
			s.Late.Frames++
		}
	}
	m.here[a.Seq] = true
	m.highest = max(m.highest, int64(a.Seq))
	return true
}

// complete reports whether the frame of message seq is complete with it.
func (m *model) complete(seq wire.Seq) bool {
	first, last := m.frame(int(seq))
	for i := first; i <= last; i++ {
		if !m.here[wire.Seq(i)] && i != int(seq) {
			return false
		}
	}
	return true
}

// frame returns the first and the last number of the frame of message i.
func (m *model) frame(i int) (first, last int) {
	first, last = i, i
	for !m.sent[first].First {
		first--
	}
	for !m.sent[last].Last {
		last++
	}
	return first, last
}

// result fills in what needs a look at everything up to the highest number.
func (m *model) result() ReceivedStats {
	s := m.stats
	s.Counts, s.Lost = Counts{}, Counts{}
	for i := 0; i <= int(m.highest); {
		_, last := m.frame(i)
		missing := false
		for j := i; j <= last && j <= int(m.highest); j++ {
			length := uint64(m.sent[j].Length)
			if m.here[wire.Seq(j)] {
				s.Packets++
				s.Bytes += length
			} else {
				missing = true
				s.Lost.Packets++
				s.Lost.Bytes += length
			}
		}
		if missing {
			s.Lost.Frames++
		} else if last <= int(m.highest) {
			s.Frames++
		}
		i = last + 1
	}
	return s
}

// counters leaves of a snapshot what the model knows.
func counters(s ReceivedStats) ReceivedStats {
	return ReceivedStats{
		Counts: s.Counts, Lost: s.Lost, Late: s.Late,
		LateDepthMax: s.LateDepthMax, LateDepthTotal: s.LateDepthTotal,
		Duplicates: s.Duplicates, Undecided: s.Undecided,
	}
}
