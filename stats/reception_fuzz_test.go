package stats

import (
	"encoding/binary"
	"testing"
	"time"

	"netperfmeter/wire"
)

// FuzzAccount feeds any messages and checks what must hold whatever a peer
// sends. Six bytes make a message: two for its flags and length, two for the
// frame, two for its number, which is near the highest one or far away.
func FuzzAccount(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{3, 0, 0, 0, 0, 0, 3, 0, 1, 0, 1, 0, 3, 0, 2, 0, 1, 0})
	f.Add([]byte{1, 0, 0, 0, 5, 0, 2, 0, 0, 0, 250, 1, 0, 1, 0, 0, 255, 2, 2, 2, 1, 0, 253, 1})
	f.Add([]byte{1, 0, 0, 0, 0, 3, 2, 9, 9, 0, 0, 2, 3, 0, 0, 0, 0, 4, 7, 1, 1, 1, 1, 5})
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &checker{r: NewReception(64, time.Millisecond), seen: map[wire.Seq]bool{}}
		for ; len(data) >= 6; data = data[6:] {
			a := fuzzArrival(data[:6], c.r)
			a.Time = int64(c.calls) * 100
			c.account(t, &a)
		}
		final := Counts{1 << 60, 1 << 46, 1 << 40}
		c.r.Finish(&final)
		c.check(t)
	})
}

func fuzzArrival(data []byte, r *Reception) Arrival {
	a := Arrival{
		First: data[0]&1 != 0, Last: data[0]&2 != 0,
		Length:  48 + uint32(data[1])<<(data[0]>>4&7),
		Frame:   r.head.frame + wire.FrameID(int8(data[2])),
		ByteSeq: r.position.byteSeq + uint64(int64(int8(data[3])))<<(data[0]>>2&3*10),
		Sent:    int64(binary.LittleEndian.Uint64(append(data[:6:6], data[:2]...))),
	}
	near := uint64(int64(int8(data[4])))
	switch data[5] % 6 {
	case 0, 1, 2:
		a.Seq = wire.Seq(r.nextSeq + near/2)
	case 3:
		a.Seq = wire.Seq(near)
	case 4:
		a.Seq = wire.Seq(r.nextSeq + near<<(data[5]%58))
	case 5:
		a.Seq = maxSeq - wire.Seq(near)
	}
	return a
}

// checker remembers which numbers were received.
type checker struct {
	r       *Reception
	seen    map[wire.Seq]bool
	calls   uint64
	records Counts
}

func (c *checker) account(t *testing.T, a *Arrival) {
	before := c.r.Snapshot()
	record, ok := c.r.Account(a)
	c.calls++
	after := c.r.Snapshot()
	if ok {
		if c.seen[a.Seq] {
			t.Fatalf("message %d is received twice", a.Seq)
		}
		c.seen[a.Seq] = true
		c.records = c.records.Add(Counts{uint64(record.Length), 1, uint64(record.Frames)})
	}
	if after.Duplicates != before.Duplicates && !c.seen[a.Seq] {
		t.Fatalf("message %d is a duplicate of nothing", a.Seq)
	}
	c.check(t)
}

func (c *checker) check(t *testing.T) {
	r, s := c.r, c.r.Snapshot()
	if s.Packets+s.Duplicates.Packets+s.Undecided.Packets != c.calls {
		t.Fatalf("%d messages came: %+v", c.calls, s)
	}
	if s.Counts != c.records {
		t.Fatalf("records add up to %v: %+v", c.records, s)
	}
	if r.final == nil && s.Packets+s.Lost.Packets != r.nextSeq || r.nextSeq > maxSeq {
		t.Fatalf("the highest number is %d: %+v", r.nextSeq-1, s)
	}
	if s.Lost.Frames > s.Lost.Packets || s.Lost.Bytes > s.Lost.Packets*maxMessage {
		t.Fatalf("more is lost than the messages carry: %+v", s)
	}
	if s.Frames > s.Packets || s.Late.Packets > s.Packets || s.Late.Frames > s.Frames || s.Late.Bytes > s.Bytes {
		t.Fatalf("parts are more than the whole: %+v", s)
	}
	if m := r.window.missing; m != countMissing(&r.window) || r.final == nil && m > s.Lost.Packets {
		t.Fatalf("window says %d are missing, bits %d: %+v", m, countMissing(&r.window), s)
	}
}
