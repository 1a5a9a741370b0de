package channeltest

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// Add appends the DATA message with sequence number seq to b: size bytes, all
// of which depend on seq.
func Add(b *channels.SendBatch, seq wire.Seq, size int) {
	start := len(b.Buf)
	b.Buf = append(b.Buf, make([]byte, size)...)
	b.Ends = append(b.Ends, len(b.Buf))
	putMessage(b.Buf[start:], seq)
}

// pattern is every payload there can be, one byte after the other.
var pattern = func() []byte {
	p := make([]byte, wire.MaxMessageSize+256)
	for i := range p {
		p[i] = byte(i)
	}
	return p
}()

// putMessage writes the message of len(m) bytes.
func putMessage(m []byte, seq wire.Seq) {
	wire.PutData(m, len(m), &wire.Data{Seq: seq, First: true, Last: true})
	copy(m[wire.DataHeaderSize:], pattern[seq*7%256:])
}

// A checker receives the messages of one direction and compares each with what
// was sent.
type checker struct {
	t    testing.TB
	conn channels.Conn
	size func(seq wire.Seq) int
	next wire.Seq // expected; all before it have come
	// early are messages that have come before their turn; nil: none may.
	early map[wire.Seq]bool
	want  []byte
	b     channels.ReceiveBatch
}

func newChecker(t testing.TB, c channels.Conn, size func(wire.Seq) int) *checker {
	return &checker{t: t, conn: c, size: size}
}

// of lets datagrams overtake each other: they do on loopback when the sending
// thread moves to another CPU, since each CPU has a queue of its own there.
func (c *checker) of(traits Traits) *checker {
	if traits.Datagrams && !traits.Association {
		c.early = make(map[wire.Seq]bool)
	}
	return c
}

// until receives until the message before end has come, or the error.
func (c *checker) until(end wire.Seq) error {
	for c.next < end {
		if err := c.conn.Receive(&c.b); err != nil {
			return err
		}
		if !c.check() {
			return errMismatch
		}
	}
	return nil
}

// settled is how long a message that is not lost may be on its way within one
// host, much longer than even an emulated kernel needs.
const settled = 2 * time.Second

// most receives what comes of the messages before end, and tells how many of
// them do not.
func (c *checker) most(end wire.Seq) (lost wire.Seq) {
	c.t.Helper()
	if err := c.conn.SetReadDeadline(time.Now().Add(settled)); err != nil {
		c.t.Fatal(err)
	}
	switch err := c.until(end); {
	case err == nil:
		return 0
	case !errors.Is(err, os.ErrDeadlineExceeded):
		c.t.Fatal(err)
	}
	lost = end - c.next - wire.Seq(len(c.early))
	c.next = end
	clear(c.early)
	return lost
}

// check compares a batch, and tells of the first difference only.
func (c *checker) check() bool {
	c.t.Helper()
	if len(c.b.Msgs) == 0 {
		c.t.Error("Receive returned without a message and without an error")
		return false
	}
	for i := range c.b.Msgs {
		got := c.b.Bytes(i)
		seq := c.next
		if d, err := wire.ParseData(got); c.early != nil && err == nil && d.Seq >= c.next && !c.early[d.Seq] {
			seq = d.Seq
		}
		if !bytes.Equal(got, c.expected(seq)) {
			d, err := wire.ParseData(got)
			c.t.Errorf("message %d: expected %d bytes, got %d bytes with sequence number %d (%v)", seq, c.size(seq), len(got), d.Seq, err)
			return false
		}
		if c.b.Msgs[i].Time == 0 {
			c.t.Errorf("message %d has no arrival time", seq)
			return false
		}
		c.arrived(seq)
	}
	return true
}

// expected is message seq.
func (c *checker) expected(seq wire.Seq) []byte {
	size := c.size(seq)
	if cap(c.want) < size {
		c.want = make([]byte, size)
	}
	c.want = c.want[:size]
	putMessage(c.want, seq)
	return c.want
}

// arrived notes a message that has come.
func (c *checker) arrived(seq wire.Seq) {
	if seq != c.next {
		c.early[seq] = true
		return
	}
	for c.next++; c.early[c.next]; c.next++ {
		delete(c.early, c.next)
	}
}

// always returns a function that always returns size.
func always(size int) func(wire.Seq) int { return func(wire.Seq) int { return size } }

// mixed returns sizes from smallest to largest that follow no simple pattern,
// with runs of equal ones.
func mixed(largest int) func(wire.Seq) int {
	return func(seq wire.Seq) int {
		run := uint64(seq) / 5
		x := run*2654435761 + 12345
		if seq%5 == 4 {
			x >>= 3 // the last one of a run is another
		}
		return wire.MinMaxMsgSize + int(x%uint64(largest-wire.MinMaxMsgSize+1))
	}
}

// batch returns messages first to end-1.
func batch(first, end wire.Seq, size func(wire.Seq) int) *channels.SendBatch {
	b := new(channels.SendBatch)
	for seq := first; seq < end; seq++ {
		Add(b, seq, size(seq))
	}
	return b
}
