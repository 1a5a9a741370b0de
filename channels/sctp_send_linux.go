package channels

import (
	"encoding/binary"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/ishidawataru/sctp"
	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// sctpMessages is how many messages one call takes at most.
const sctpMessages = 64

// An sctpQueue is what sendmmsg(2) takes. They are pooled: a sender has one
// only while it sends.
type sctpQueue struct {
	headers  [sctpMessages]mmsghdr
	iovecs   [sctpMessages]unix.Iovec
	controls [sctpMessages][sendControlWords]uint64
}

var sctpQueues = sync.Pool{New: func() any { return new(sctpQueue) }}

// An sctpSender belongs to the goroutine that sends. There may be several at an
// association, which take turns in waiting for room.
type sctpSender struct {
	a       *association
	try     func(fd uintptr) bool // attempt, bound once: see streamSender
	tryOnce func(fd uintptr)

	batch *SendBatch
	queue *sctpQueue
	err   error // what ended the attempt

	deadline time.Time     // guarded by a.mu
	changed  chan struct{} // the deadline has
}

func (s *sctpSender) init(a *association) {
	s.a = a
	s.changed = make(chan struct{}, 1)
	s.try = s.attempt
	s.tryOnce = func(fd uintptr) { s.attempt(fd) }
}

// send implements Conn.Send.
func (s *sctpSender) send(b *SendBatch, wait bool) error {
	s.batch, s.queue = b, sctpQueues.Get().(*sctpQueue)
	defer func() {
		sctpQueues.Put(s.queue)
		s.batch, s.queue = nil, nil
	}()
	if wait {
		return s.sendWaiting()
	}
	if err := s.a.raw.Control(s.tryOnce); err != nil {
		return s.a.done.explain(err)
	}
	if s.err == unix.EAGAIN || s.err == unix.ENOBUFS {
		return ErrWouldBlock
	}
	return s.err
}

// attempt sends until all is accepted or the kernel's buffer is full, and
// returns false if nothing was. The kernel takes a message whole or not at all.
func (s *sctpSender) attempt(fd uintptr) bool {
	s.err = nil
	progress := false
	for b := s.batch; !b.Done(); {
		sent, _, errno := syscall.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&s.queue.headers)),
			uintptr(s.queue.fill(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			b.Sent += int(sent)
			b.Offset = b.start(b.Sent)
			progress = true
		case unix.EINTR:
		case unix.EAGAIN:
			s.err = errno
			return progress
		case unix.ENOBUFS, unix.ENOMEM:
			s.a.counts.noBuffers.Add(1)
			s.err = unix.ENOBUFS
			return true
		case unix.EMSGSIZE:
			s.err = &MessageSizeError{Size: b.Ends[b.Sent] - b.start(b.Sent), Err: errno}
			return true
		default:
			s.err = errno
			return true
		}
	}
	return true
}

// fill prepares the next messages of a batch and returns how many.
func (q *sctpQueue) fill(b *SendBatch) (n int) {
	for i := b.Sent; i < len(b.Ends) && n < sctpMessages; i++ {
		message := b.Buf[b.start(i):b.Ends[i]]
		q.iovecs[n].Base = unsafe.SliceData(message)
		q.iovecs[n].SetLen(len(message))
		h := &q.headers[n].header
		h.Iov = &q.iovecs[n]
		h.SetIovlen(1)
		var d Delivery
		if i < len(b.Delivery) {
			d = b.Delivery[i]
		}
		control := q.control(n, message, b.Stream, d, b.Limit)
		h.Control = &control[0]
		h.SetControllen(len(control))
		n++
	}
	return n
}

// control writes what goes with message n: where it belongs (SCTP_SNDINFO) and,
// if it may be given up, when (SCTP_PRINFO).
func (q *sctpQueue) control(n int, message []byte, stream wire.StreamID, d Delivery, limit Limit) []byte {
	// Everything but DATA is control, also IDENTIFY_FLOW on a data channel.
	ppid := uint32(wire.PPIDControl)
	if len(message) > 0 && wire.Type(message[0]) == wire.TypeData {
		ppid = wire.PPIDData
	}
	control, data := appendControl(bytesOf(q.controls[n][:])[:0], unix.IPPROTO_SCTP, sctp.SCTP_CMSG_SNDINFO, int(unsafe.Sizeof(sctp.SndInfo{})))
	info := (*sctp.SndInfo)(unsafe.Pointer(&data[0]))
	info.SID = uint16(stream)
	binary.BigEndian.PutUint32((*[4]byte)(unsafe.Pointer(&info.PPID))[:], ppid)
	if d&Unordered != 0 {
		info.Flags = sctp.SCTP_UNORDERED
	}
	if d&Unreliable == 0 || limit.Kind == NoLimit {
		return control
	}
	// struct sctp_prinfo: policy u16, padding, value u32.
	control, data = appendControl(control, unix.IPPROTO_SCTP, sctpCmsgPRInfo, 8)
	policy := uint16(sctpPRTTL)
	if limit.Kind == Retransmissions {
		policy = sctpPRRtx
	}
	binary.NativeEndian.PutUint16(data, policy)
	binary.NativeEndian.PutUint32(data[4:], limit.Value)
	return control
}
