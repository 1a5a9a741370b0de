package channels

import (
	"encoding/binary"
	"errors"
	"io"

	"github.com/ishidawataru/sctp"
	"golang.org/x/sys/unix"

	"netperfmeter/sys"
)

// errLost is the end of an association that the kernel reports by a
// notification and not by an errno.
var errLost = errors.New("the association was lost")

// An sctpReceiver belongs to the goroutine that receives.
type sctpReceiver struct {
	a   *association
	try func(fd uintptr) bool // fill, bound once: see streamSender

	batch *ReceiveBatch
	err   error // what ended the attempt

	partial []byte // the message that is being delivered in parts
	ended   bool
	lost    error // why it ended, if not in order
}

func (r *sctpReceiver) init(a *association) {
	r.a = a
	r.try = r.fill
}

// receive implements Conn.Receive.
func (r *sctpReceiver) receive(b *ReceiveBatch) error {
	b.Release()
	if r.ended {
		return r.end()
	}
	r.batch, r.err = b, nil
	if err := r.a.raw.Read(r.try); err != nil {
		return r.a.done.explain(err)
	}
	return r.err
}

// end returns what ended the association.
func (r *sctpReceiver) end() error {
	if r.lost != nil {
		return r.lost
	}
	return io.EOF
}

// fill receives until there is a message or an end, and returns false if
// nothing more is there yet.
func (r *sctpReceiver) fill(fd uintptr) bool {
	buf := borrow(&packetBuffers)
	for {
		n, err := buf.packets.receiveSCTP(int(fd))
		switch err {
		case nil:
			if r.unpack(buf, n) {
				return true
			}
		case unix.EINTR:
		case unix.EAGAIN:
			buf.giveBack()
			return false
		default:
			buf.giveBack()
			if r.ended {
				err = r.end()
			}
			r.err = err
			return true
		}
	}
}

// unpack turns n slots into messages and lends buf to the batch. It returns
// false, and buf stays the caller's, if there is nothing to tell. The arrival
// time is that of the call: the kernel's would be that of a message's first
// chunk, before which the message could not be delivered.
func (r *sctpReceiver) unpack(buf *buffer, n int) bool {
	now := sys.Realtime()
	end := 0
	for i := 0; i < n && !r.ended; i++ {
		h := &buf.packets.system.headers[i]
		start := i * packetSlotSize
		part := buf.data[start : start+int(h.length)]
		switch {
		case h.header.Flags&sctp.MSG_NOTIFICATION != 0:
			r.note(part)
			continue
		case len(part) == 0: // the peer has shut down
			r.ended = true
			continue
		case h.header.Flags&unix.MSG_EOR == 0:
			r.keep(part)
			continue
		case len(r.partial) > 0:
			r.keep(part)
			part = buf.data[start : start+copy(buf.data[start:start+packetSlotSize], r.partial)]
			r.partial = r.partial[:0]
		}
		m := Message{Start: uint32(start), End: uint32(start + len(part)), Time: now}
		m.Stream, m.Unordered = buf.packets.origin(i)
		buf.msgs = append(buf.msgs, m)
		end = int(m.End)
	}
	switch {
	case len(buf.msgs) > 0:
		buf.lend(r.batch, end)
		return true
	case r.ended:
		buf.giveBack()
		r.err = r.end()
		return true
	}
	return false
}

// keep adds a part to the message that is being delivered in parts: the kernel
// does that if it has no room for all of it, and finishes with it before it
// delivers another one. The end of what is too long for the protocol is cut off;
// then the message's Length is not its size.
func (r *sctpReceiver) keep(part []byte) {
	r.partial = append(r.partial, part[:min(len(part), packetSlotSize-len(r.partial))]...)
}

// note takes a notification: type u16, flags u16, length u32, then its own.
func (r *sctpReceiver) note(n []byte) {
	if len(n) < 8 {
		return
	}
	switch sctp.SCTPNotificationType(binary.NativeEndian.Uint16(n)) {
	case sctp.SCTP_ASSOC_CHANGE:
		if len(n) < 10 {
			return
		}
		// The side that has begun a shutdown learns of its end so and not
		// otherwise: its reads would wait for ever.
		switch sctp.SCTPState(binary.NativeEndian.Uint16(n[8:])) {
		case sctp.SCTP_COMM_LOST:
			r.ended, r.lost = true, errLost
		case sctp.SCTP_SHUTDOWN_COMP, sctp.SCTP_CANT_STR_ASSOC:
			r.ended = true
		}
	case sctp.SCTP_PARTIAL_DELIVERY_EVENT:
		r.partial = r.partial[:0] // the rest will not come
	}
}
