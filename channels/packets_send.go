package channels

import (
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A sendQueue is what one sending call takes. They are pooled: a sender has one
// only while it sends.
type sendQueue struct {
	buf     []byte
	pieces  []piece
	to      *destination // nil: a connected socket
	mmsg    bool
	system  sendArrays // as the kernel wants it
	storage [sendPieces]piece
}

var sendQueues = sync.Pool{New: func() any { return new(sendQueue) }}

// A packetSender belongs to the goroutine that sends.
type packetSender struct {
	call    func(fd int, q *sendQueue) (int, error)
	counts  *counters
	to      *destination
	try     func(fd uintptr) bool // attempt, bound once: see streamSender
	tryOnce func(fd uintptr)

	on          offloads
	maxSegments int // of a run
	gsoBelow    int // only datagrams shorter than this may be in a run

	// fullPause is how long to wait when the kernel's buffer is full; 0: as
	// long as the poller says.
	fullPause time.Duration

	batch *SendBatch
	queue *sendQueue
	err   error // what ended the attempt
	async int   // such errors in a row
}

func (s *packetSender) init(call func(int, *sendQueue) (int, error), on offloads, counts *counters) {
	s.call, s.on, s.counts = call, on, counts
	s.maxSegments, s.gsoBelow = maxSegments, MaxDatagram+1
	s.try = s.attempt
	s.tryOnce = func(fd uintptr) { s.attempt(fd) }
}

// begin and end enclose the use of a queue.
func (s *packetSender) begin(b *SendBatch) {
	s.batch, s.queue = b, sendQueues.Get().(*sendQueue)
	s.queue.to = s.to
}

func (s *packetSender) end() {
	s.queue.buf, s.queue.to = nil, nil
	sendQueues.Put(s.queue)
	s.batch, s.queue = nil, nil
}

// sendOnce implements Conn.Send without waiting.
func (s *packetSender) sendOnce(raw syscall.RawConn, b *SendBatch) error {
	s.begin(b)
	defer s.end()
	if err := raw.Control(s.tryOnce); err != nil {
		return plain(err)
	}
	if s.err == unix.EAGAIN || s.err == unix.ENOBUFS {
		return ErrWouldBlock
	}
	return s.err
}

// sendWaiting implements Conn.Send with waiting, on a socket that only this
// sender uses.
func (s *packetSender) sendWaiting(raw syscall.RawConn, b *SendBatch) error {
	s.begin(b)
	defer s.end()
	for {
		if err := raw.Write(s.try); err != nil {
			return plain(err)
		}
		switch s.err {
		case unix.ENOBUFS:
			time.Sleep(noBufferPause)
		case unix.EAGAIN:
			time.Sleep(s.fullPause)
		default:
			return s.err
		}
	}
}

// attempt sends until all is accepted, and returns false if the kernel's
// buffer is full and the poller is to wait for it.
func (s *packetSender) attempt(fd uintptr) bool {
	s.err, s.async = nil, 0
	for !s.batch.Done() {
		s.fillQueue()
		n, err := s.call(int(fd), s.queue)
		if n > 0 {
			s.accept(n)
			continue
		}
		if again, err := s.failed(err); !again {
			s.err = err
			return err != unix.EAGAIN || s.fullPause > 0
		}
	}
	return true
}

// accept books the first n pieces.
func (s *packetSender) accept(n int) {
	b := s.batch
	for _, p := range s.queue.pieces[:n] {
		b.Sent += p.messages
		b.Offset = p.end
	}
	s.async = 0
}

// failed looks at the error of a call that sent nothing, and says whether to
// try again: the same messages, perhaps in another form.
func (s *packetSender) failed(err error) (again bool, _ error) {
	first := s.queue.pieces[0]
	switch {
	case err == unix.EINTR:
		return true, nil
	case err == unix.EAGAIN:
		return false, err
	case err == unix.ENOBUFS || err == unix.ENOMEM:
		s.counts.noBuffers.Add(1)
		return false, unix.ENOBUFS
	case err == unix.ENOSYS && s.on.mmsg:
		s.on.mmsg = false
		s.counts.fallbacks.Add(1)
		return true, nil
	case err == unix.ECONNREFUSED && s.async < maxAsync, isAsync(err) && s.async == 0:
		s.async++
		s.counts.refused.Add(1)
		return true, nil
	case first.segment > 0 && !IsDropped(err):
		s.limitRuns(first, err)
		return true, nil
	case err == unix.EMSGSIZE:
		return false, &MessageSizeError{Size: first.end - first.start, Err: err}
	}
	return false, err
}

// limitRuns learns from a run that the kernel refuses. EINVAL is too many
// segments or, like EMSGSIZE, segments above the path's MTU, which must be
// fragmented and so sent one by one. Anything else (EIO: the device computes
// no checksums; ENOPROTOOPT, EOPNOTSUPP) ends the use of runs.
func (s *packetSender) limitRuns(p piece, err error) {
	s.counts.fallbacks.Add(1)
	switch {
	case err == unix.EINVAL && p.messages > maxSegmentsOld:
		s.maxSegments = maxSegmentsOld
	case err == unix.EINVAL || err == unix.EMSGSIZE:
		s.gsoBelow = p.segment
	default:
		s.on.gso = false
	}
}

// fillQueue cuts what is left of the batch into pieces.
func (s *packetSender) fillQueue() {
	q, b := s.queue, s.batch
	q.buf, q.mmsg = b.Buf, s.on.mmsg
	limit := sendPieces
	if !s.on.mmsg {
		limit = 1
	}
	q.pieces = q.storage[:0]
	for next := b.Sent; next < len(b.Ends) && len(q.pieces) < limit; {
		p := s.nextPiece(b, next)
		q.pieces = append(q.pieces, p)
		next += p.messages
	}
}

// nextPiece returns the longest run from message i on: messages of one size,
// of which the last may be shorter.
func (s *packetSender) nextPiece(b *SendBatch, i int) piece {
	start, end := b.start(i), b.Ends[i]
	p := piece{start: start, end: end, messages: 1}
	size := end - start
	if !s.on.gso || size >= s.gsoBelow {
		return p
	}
	for i++; i < len(b.Ends) && p.messages < s.maxSegments; i++ {
		length := b.Ends[i] - p.end
		if length > size || b.Ends[i]-start > maxRunBytes {
			break
		}
		p.messages++
		p.end = b.Ends[i]
		p.segment = size
		if length < size {
			break
		}
	}
	return p
}
