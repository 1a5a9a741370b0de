package peer20

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// readMessage reads one whole message from a stream. io.EOF: the stream ended between two messages;
// io.ErrUnexpectedEOF: inside one, and the bytes that were there are returned.
func readMessage(r io.Reader) ([]byte, error) {
	b := make([]byte, 4, 64)
	if n, err := io.ReadFull(r, b); err != nil {
		return b[:n], err
	}
	length := int(big.Uint16(b[2:]))
	if length < 4 {
		return b, fmt.Errorf("message of type %d with length %d", b[0], length)
	}
	b = append(b, make([]byte, length-4)...)
	n, err := io.ReadFull(r, b[4:])
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return b[:4+n], err
}

// checker counts what comes in on one direction of a flow and complains about what no sound sender sends.
type checker struct {
	key         Key
	fromPassive bool
	datagrams   bool // gaps are possible
	gaps        bool // gaps are expected: the sender's sends fail now and then
	record      *FlowRecord
	complain    func(format string, args ...any)
	ended       atomic.Bool // the stream came to its end; others may look while the reader runs

	seq, byteSeq, frameBytes uint64
	frame                    uint32
	inFrame, whole           bool
}

func (c *checker) message(b []byte) {
	if len(b) < dataHeader || b[0] != typeData || int(big.Uint16(b[2:])) != len(b) {
		c.complain("flow %d: not a DATA message: %d bytes, % x", c.key.Flow, len(b), b[:min(len(b), 8)])
		return
	}
	if k := getKey(b); k != c.key || big.Uint16(b[18:]) != 0 {
		c.complain("flow %d: DATA of %+v (padding % x)", c.key.Flow, k, b[18:20])
	}
	if !bytes.Equal(b[dataHeader:], patterns[c.fromPassive][:len(b)-dataHeader]) {
		c.complain("flow %d: payload of message %d is not the pattern", c.key.Flow, big.Uint64(b[24:]))
	}
	if age := time.Since(time.UnixMicro(int64(big.Uint64(b[40:])))); age < -time.Minute || age > time.Minute {
		c.complain("flow %d: time stamp is %v old", c.key.Flow, age)
	}
	c.order(b[1]&1 != 0, b[1]&2 != 0, big.Uint32(b[20:]), big.Uint64(b[24:]), big.Uint64(b[32:]))
	c.record.Received.Bytes += uint64(len(b))
	c.record.Received.Messages++
	c.byteSeq += uint64(len(b))
}

// order checks the counters in a message and counts frames.
func (c *checker) order(first, last bool, frame uint32, seq, byteSeq uint64) {
	if first {
		c.frameBytes = c.byteSeq
	}
	intact := seq == c.seq
	if !intact && !c.datagrams && !c.gaps {
		c.complain("flow %d: sequence number %d instead of %d", c.key.Flow, seq, c.seq)
	}
	if intact && !c.datagrams && !c.gaps {
		// The reference puts the count before the frame into all of its messages, ours the count before this one.
		if byteSeq != c.byteSeq && byteSeq != c.frameBytes {
			c.complain("flow %d: byte sequence number %d instead of %d", c.key.Flow, byteSeq, c.byteSeq)
		}
		if frame != c.frame || first == c.inFrame {
			c.complain("flow %d: message %d of frame %d (first %v) inside frame %d (inside %v)",
				c.key.Flow, seq, frame, first, c.frame, c.inFrame)
		}
	}
	c.whole = first || c.whole && intact && frame == c.frame
	if last && c.whole {
		c.record.Received.Frames++
	}
	c.inFrame, c.frame, c.seq = !last, frame, seq+1
	if last {
		c.frame, c.whole = frame+1, false
	}
}

// stream reads DATA until the stream ends or the reader is stopped by a deadline.
func (c *checker) stream(r *bufio.Reader) {
	for {
		b, err := readMessage(r)
		switch {
		case err == nil:
			c.message(b)
			continue
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			c.ended.Store(true)
			c.record.EndSeen, c.record.CutIn = true, len(b)
		case isTimeout(err):
			c.record.CutIn = len(b)
		default:
			c.complain("flow %d: reading: %v", c.key.Flow, err)
		}
		return
	}
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}
