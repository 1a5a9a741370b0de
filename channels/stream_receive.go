package channels

import (
	"io"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"

	"netperfmeter/sys"
	"netperfmeter/wire"
)

// A streamReceiver belongs to the goroutine that receives.
//
// It reads into a borrowed buffer, as far as possible behind room for what is
// there of a message already (carry). A message that arrives in many pieces is
// so copied once, and while it is waited for only those pieces are held.
type streamReceiver struct {
	raw  syscall.RawConn
	read func(fd int, p []byte) (int, error)
	try  func(fd uintptr) bool // fill, bound once: see streamSender

	batch *ReceiveBatch
	err   error // what ended the attempt

	carry  []byte // received and not delivered
	need   int    // how long carry has to be before it can be cut
	full   bool   // carry begins with a whole message: maxStreamMessages
	time   int64  // arrival of carry's end
	broken error  // the stream cannot be cut any more

	serving // while a Poller calls
}

func (r *streamReceiver) init(raw syscall.RawConn, read func(int, []byte) (int, error)) {
	r.raw, r.read, r.need = raw, read, wire.HeaderSize
	r.try = r.fill
}

// receive implements Conn.Receive.
func (r *streamReceiver) receive(b *ReceiveBatch) error {
	b.Release()
	if r.broken != nil {
		return r.broken
	}
	r.batch, r.err = b, nil
	if r.full {
		buf := borrow(&streamBuffers)
		r.deliver(buf, copy(buf.data, r.carry))
		return r.err
	}
	if err := r.raw.Read(r.try); err != nil {
		return plain(err)
	}
	return r.err
}

// fill reads until there is a message or an end, and returns false if nothing
// more is there yet.
func (r *streamReceiver) fill(fd uintptr) bool {
	// Trying needs a buffer; asking first whether there is anything to read
	// would be one more system call for every read.
	buf := borrow(&streamBuffers)
	for {
		n, err := r.read(int(fd), buf.data[len(r.carry):])
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			buf.giveBack()
			return false
		case err == nil && n == 0:
			err = io.EOF
			if len(r.carry) > 0 {
				err = &CutError{Bytes: len(r.carry)}
			}
			fallthrough
		case err != nil:
			buf.giveBack()
			r.err = err
			return true
		}
		r.time = sys.Realtime()
		have := len(r.carry) + n
		if have < r.need {
			r.carry = append(r.carry, buf.data[len(r.carry):have]...)
			continue
		}
		copy(buf.data, r.carry)
		if r.deliver(buf, have) {
			return true
		}
	}
}

// deliver cuts what is in buf into messages, hands them to the batch and
// carries the rest over. It returns false, and buf stays the caller's, if there
// is no whole message.
func (r *streamReceiver) deliver(buf *buffer, have int) bool {
	end, err := cut(buf, have, r.time)
	r.full = false
	r.need = wire.HeaderSize
	rest := buf.data[end:have]
	if err != nil {
		r.broken = &FramingError{Err: err}
		rest = nil
	} else if len(rest) >= wire.HeaderSize {
		h, _ := wire.ParseHeader(rest) // cut has looked at it
		r.need = h.Length
		r.full = len(rest) >= h.Length
		r.carry = slices.Grow(r.carry[:0], h.Length)
	}
	r.carry = append(r.carry[:0], rest...)
	switch {
	case len(buf.msgs) > 0:
		buf.lend(r.batch, end)
	case r.broken != nil:
		buf.giveBack()
		r.err = r.broken
	default:
		return false
	}
	return true
}

// cut appends the whole messages in buf.data[:have] to buf.msgs and returns
// where the last one ends. An error is about the header that stands there.
func cut(buf *buffer, have int, now int64) (end int, err error) {
	data, msgs := buf.data[:have], buf.msgs
	for len(data)-end >= wire.HeaderSize && len(msgs) < maxStreamMessages {
		length := wire.PeekLength(data[end:])
		if length < wire.HeaderSize {
			_, err = wire.ParseHeader(data[end:])
			break
		}
		if len(data)-end < length {
			break
		}
		if len(msgs) == cap(msgs) {
			msgs = append(msgs, Message{})[:len(msgs)]
		}
		// Field by field: a literal would be built elsewhere and copied.
		msgs = msgs[:len(msgs)+1]
		m := &msgs[len(msgs)-1]
		m.Start, m.End = uint32(end), uint32(end+length)
		m.Peer, m.Stream, m.Time = 0, 0, now
		end += length
	}
	buf.msgs = msgs
	return end, err
}
