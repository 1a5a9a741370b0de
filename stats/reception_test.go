package stats

import (
	"testing"
	"time"

	"netperfmeter/wire"
)

// order returns the messages with these indices, one after the other, 10 us
// apart.
func order(messages []Arrival, indices ...int) []Arrival {
	var arrivals []Arrival
	for n, i := range indices {
		a := messages[i]
		a.Time = 1_000_000 + int64(n)*10
		arrivals = append(arrivals, a)
	}
	return arrivals
}

// frames returns the messages of frames of these numbers of messages. Message i
// has 100 + i bytes.
func frames(perFrame bool, sizes ...int) []Arrival {
	s := sender{perFrame: perFrame}
	var messages []Arrival
	for _, n := range sizes {
		lengths := make([]uint32, n)
		for i := range lengths {
			lengths[i] = 100 + uint32(len(messages)+i)
		}
		messages = append(messages, s.send(lengths...)...)
	}
	return messages
}

// equalFrames is the same with messages of 100 bytes.
func equalFrames(perFrame bool, sizes ...int) []Arrival {
	s := sender{perFrame: perFrame}
	var messages []Arrival
	for _, n := range sizes {
		messages = append(messages, s.send(repeat(n, 100)...)...)
	}
	return messages
}

func TestAccount(t *testing.T) {
	ones := frames(false, 1, 1, 1, 1, 1, 1)
	threes := frames(false, 3, 3, 3, 3)
	reference := equalFrames(true, 3, 3, 3, 3)
	shorter := sender{perFrame: true}
	short := append(shorter.send(100, 100, 60), shorter.send(100, 100, 60)...)
	tests := []struct {
		name     string
		messages []Arrival
		order    []int
		want     ReceivedStats
	}{
		{"nothing", ones, nil, ReceivedStats{}},
		{"in order", ones, []int{0, 1, 2},
			ReceivedStats{Counts: Counts{303, 3, 3}}},
		{"lost in front", ones, []int{2},
			ReceivedStats{Counts: Counts{102, 1, 1}, Lost: Counts{201, 2, 2}}},
		{"lost in the middle", ones, []int{0, 1, 4, 5},
			ReceivedStats{Counts: Counts{410, 4, 4}, Lost: Counts{205, 2, 2}}},
		{"swapped", ones, []int{0, 2, 1, 3},
			ReceivedStats{Counts: Counts{406, 4, 4}, Late: Counts{101, 1, 1}, LateDepthMax: 1, LateDepthTotal: 1}},
		{"late by three, one still missing", ones, []int{0, 5, 2},
			ReceivedStats{Counts: Counts{307, 3, 3}, Lost: Counts{308, 3, 3},
				Late: Counts{102, 1, 1}, LateDepthMax: 3, LateDepthTotal: 3}},
		{"backwards", ones, []int{3, 2, 1, 0},
			ReceivedStats{Counts: Counts{406, 4, 4}, Late: Counts{303, 3, 3}, LateDepthMax: 3, LateDepthTotal: 6}},
		{"twice", ones, []int{0, 1, 1, 2},
			ReceivedStats{Counts: Counts{303, 3, 3}, Duplicates: Counts{101, 1, 1}}},
		{"late and then twice", ones, []int{0, 2, 1, 1},
			ReceivedStats{Counts: Counts{303, 3, 3}, Late: Counts{101, 1, 1}, LateDepthMax: 1, LateDepthTotal: 1,
				Duplicates: Counts{101, 1, 1}}},

		{"frame under way", threes, []int{0, 1},
			ReceivedStats{Counts: Counts{201, 2, 0}}},
		{"frame in any order", threes, []int{2, 0, 1},
			ReceivedStats{Counts: Counts{303, 3, 1}, Late: Counts{201, 2, 1}, LateDepthMax: 2, LateDepthTotal: 3}},
		{"frame without beginning", threes, []int{0, 1, 2, 4, 5},
			ReceivedStats{Counts: Counts{512, 5, 1}, Lost: Counts{103, 1, 1}}},
		{"frame without middle", threes, []int{0, 2, 3, 4, 5},
			ReceivedStats{Counts: Counts{514, 5, 1}, Lost: Counts{101, 1, 1}}},
		{"frame without end", threes, []int{0, 1, 3, 4, 5},
			ReceivedStats{Counts: Counts{513, 5, 1}, Lost: Counts{102, 1, 1}}},
		{"end and beginning of two frames", threes, []int{0, 1, 4, 5},
			ReceivedStats{Counts: Counts{410, 4, 0}, Lost: Counts{205, 2, 2}}},
		{"a whole frame, and parts of its neighbours", threes, []int{0, 1, 8, 9, 10, 11},
			ReceivedStats{Counts: Counts{639, 6, 1}, Lost: Counts{627, 6, 3}}},
		{"two gaps in one frame", threes[:6], []int{1, 3, 4, 5},
			ReceivedStats{Counts: Counts{413, 4, 1}, Lost: Counts{202, 2, 1}}},
		{"two gaps in one frame, one filled", threes[:6], []int{1, 3, 0},
			ReceivedStats{Counts: Counts{304, 3, 0}, Lost: Counts{102, 1, 1},
				Late: Counts{100, 1, 0}, LateDepthMax: 3, LateDepthTotal: 3}},
		{"gap in the frame under way, filled before its end", threes, []int{0, 2, 3, 5, 4, 6},
			ReceivedStats{Counts: Counts{620, 6, 1}, Lost: Counts{101, 1, 1},
				Late: Counts{104, 1, 1}, LateDepthMax: 1, LateDepthTotal: 1}},
		{"beginning comes after the end", threes, []int{1, 2, 0},
			ReceivedStats{Counts: Counts{303, 3, 1}, Late: Counts{100, 1, 1}, LateDepthMax: 2, LateDepthTotal: 2}},
		{"parts of an unseen frame are not a frame", threes, []int{0, 1, 2, 6, 4, 3},
			ReceivedStats{Counts: Counts{616, 6, 1}, Lost: Counts{105, 1, 1},
				Late: Counts{207, 2, 0}, LateDepthMax: 3, LateDepthTotal: 5}},
		{"an unseen frame comes late", threes, []int{0, 1, 2, 6, 5, 4, 3},
			ReceivedStats{Counts: Counts{721, 7, 2}, Late: Counts{312, 3, 1}, LateDepthMax: 3, LateDepthTotal: 6}},

		{"reference, in order", reference, []int{0, 1, 2, 3, 4},
			ReceivedStats{Counts: Counts{500, 5, 1}}},
		{"reference, swapped", reference, []int{0, 2, 1, 4, 3, 5},
			ReceivedStats{Counts: Counts{600, 6, 2}, Late: Counts{200, 2, 1}, LateDepthMax: 1, LateDepthTotal: 2}},
		{"reference, middle", reference, []int{0, 2},
			ReceivedStats{Counts: Counts{200, 2, 0}, Lost: Counts{100, 1, 1}}},
		{"reference, front", reference, []int{1},
			ReceivedStats{Counts: Counts{100, 1, 0}, Lost: Counts{100, 1, 1}}},
		{"reference, end", reference, []int{0, 1, 3},
			ReceivedStats{Counts: Counts{300, 3, 0}, Lost: Counts{100, 1, 1}}},
		{"reference, end and beginning", reference, []int{0, 1, 4},
			ReceivedStats{Counts: Counts{300, 3, 0}, Lost: Counts{200, 2, 2}}},
		{"reference, all but the shorter last one", short, []int{0, 1, 2, 5},
			ReceivedStats{Counts: Counts{320, 4, 1}, Lost: Counts{200, 2, 1}}},
		{"reference, a frame and both neighbours", reference, []int{0, 1, 7, 8, 9},
			ReceivedStats{Counts: Counts{500, 5, 0}, Lost: Counts{500, 5, 3}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReception(64, time.Hour)
			for _, a := range order(test.messages, test.order...) {
				r.Account(&a)
			}
			if got := counters(r.Snapshot()); got != test.want {
				t.Errorf("\n got %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestRecord(t *testing.T) {
	messages := frames(false, 2, 1)
	r := NewReception(0, 0)
	r.Omit()
	var records []Record
	for i, a := range order(messages, 0, 2, 1, 1) {
		if i == 1 {
			r.StartSummaries()
		}
		if record, ok := r.Account(&a); ok {
			records = append(records, record)
		}
	}
	want := []Record{
		{1_000_000, 0, 0, 100, 0, RecordFirst | RecordWarmUp},
		{1_000_010, 20, 2, 102, 1, RecordFirst | RecordLast},
		{1_000_020, 10, 1, 101, 1, RecordLast | RecordLate},
	}
	if len(records) != len(want) {
		t.Fatalf("%d records, want %d", len(records), len(want))
	}
	for i := range want {
		if records[i] != want[i] {
			t.Errorf("record %d: got %+v, want %+v", i, records[i], want[i])
		}
	}
}

// TestFailedSend is the one case of a lost message without bytes: a reference
// sender's transport refuses a message, whose number is used up.
func TestFailedSend(t *testing.T) {
	r := NewReception(0, 0)
	for _, a := range []Arrival{
		{Seq: 0, Frame: 0, ByteSeq: 0, Length: 100, First: true, Last: true},
		{Seq: 2, Frame: 2, ByteSeq: 100, Length: 100, First: true, Last: true},
		{Seq: 3, Frame: 3, ByteSeq: 200, Length: 100, First: true},
		{Seq: 5, Frame: 3, ByteSeq: 200, Length: 100, Last: true},
	} {
		r.Account(&a)
	}
	if got, want := r.Snapshot().Lost, (Counts{100, 2, 2}); got != want {
		t.Errorf("lost %v, want %v until the next frame tells", got, want)
	}
	r.Account(&Arrival{Seq: 6, Frame: 4, ByteSeq: 400, Length: 100, First: true, Last: true})
	if got, want := r.Snapshot().Lost, (Counts{0, 2, 2}); got != want {
		t.Errorf("lost %v, want %v", got, want)
	}
}

// TestNothingInvented is about senders whose numbers do not fit: without a gap
// in the message numbers nothing is lost.
func TestNothingInvented(t *testing.T) {
	tests := map[string][]Arrival{
		"frame numbers used up by empty frames": {
			{Seq: 0, Frame: 0, Length: 100, First: true, Last: true},
			{Seq: 1, Frame: 7, ByteSeq: 100, Length: 100, First: true, Last: true}},
		"bytes that are not sent": {
			{Seq: 0, Frame: 0, ByteSeq: 70000, Length: 100, First: true, Last: true},
			{Seq: 1, Frame: 1, ByteSeq: 1 << 60, Length: 100, First: true, Last: true}},
		"bytes that go back": {
			{Seq: 0, Frame: 0, ByteSeq: 1 << 63, Length: 100, First: true, Last: true},
			{Seq: 1, Frame: 1, ByteSeq: 5, Length: 100, First: true, Last: true}},
		"a frame given up": {
			{Seq: 0, Frame: 0, Length: 100, First: true},
			{Seq: 1, Frame: 1, ByteSeq: 100, Length: 100, First: true, Last: true}},
		"a frame without beginning": {
			{Seq: 0, Frame: 0, Length: 100},
			{Seq: 1, Frame: 0, ByteSeq: 100, Length: 100, Last: true}},
	}
	for name, arrivals := range tests {
		t.Run(name, func(t *testing.T) {
			r := NewReception(0, 0)
			for i := range arrivals {
				r.Account(&arrivals[i])
			}
			s := r.Snapshot()
			if s.Packets != 2 || s.Bytes != 200 || s.Lost != (Counts{}) {
				t.Errorf("received %v, lost %v", s.Counts, s.Lost)
			}
		})
	}
}

// TestBrokenFrames is about messages whose flags or frame numbers do not fit
// their neighbours': no frame is made of the parts of others.
func TestBrokenFrames(t *testing.T) {
	tests := []struct {
		name     string
		arrivals []Arrival
		frames   uint64
		lost     Counts
	}{
		{"late message continues a frame that has ended", []Arrival{
			{Seq: 1, Frame: 1, ByteSeq: 100, Length: 100, First: true, Last: true},
			{Seq: 3, Frame: 2, ByteSeq: 300, Length: 100, Last: true},
			{Seq: 2, Frame: 2, ByteSeq: 200, Length: 100}}, 1, Counts{100, 1, 1}},
		{"late message goes on in the next frame", []Arrival{
			{Seq: 1, Frame: 1, ByteSeq: 100, Length: 100, First: true, Last: true},
			{Seq: 0, Frame: 0, Length: 100, First: true}}, 1, Counts{}},
		{"frame numbers go back", []Arrival{
			{Seq: 0, Frame: 9, Length: 100, First: true, Last: true},
			{Seq: 3, Frame: 7, ByteSeq: 300, Length: 100, First: true, Last: true}}, 2, Counts{200, 2, 0}},
		{"more frame numbers than messages", []Arrival{
			{Seq: 0, Frame: 0, Length: 100, First: true, Last: true},
			{Seq: 3, Frame: 7, ByteSeq: 300, Length: 100, First: true, Last: true},
			{Seq: 4, Frame: 8, ByteSeq: 400, Length: 100, First: true},
			{Seq: 8, Frame: 8, ByteSeq: 800, Length: 100, Last: true}}, 2, Counts{500, 5, 3}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := NewReception(0, 0)
			for i := range test.arrivals {
				r.Account(&test.arrivals[i])
			}
			if s := r.Snapshot(); s.Frames != test.frames || s.Lost != test.lost {
				t.Errorf("%d frames, want %d; lost %v, want %v", s.Frames, test.frames, s.Lost, test.lost)
			}
		})
	}
}

func TestFrameNumberWraps(t *testing.T) {
	for _, size := range []int{1, 20} {
		s := sender{frame: ^wire.FrameID(0) - 3}
		var messages []Arrival
		for range 10 {
			messages = append(messages, s.send(repeat(size, 100)...)...)
		}
		for cut := 1; cut < 8; cut++ { // frames cut and cut+1 are lost
			r := NewReception(0, 0)
			for i := range messages {
				if f := i / size; f != cut && f != cut+1 {
					r.Account(&messages[i])
				}
			}
			got := r.Snapshot()
			if want := (Counts{200 * uint64(size), 2 * uint64(size), 2}); got.Lost != want || got.Frames != 8 {
				t.Errorf("%d messages, cut %d: %d frames, lost %v, want 8 and %v", size, cut, got.Frames, got.Lost, want)
			}
		}
	}
}
