package channels

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"

	"netperfmeter/sys"
)

// A receiveQueue is what one receiving call fills; it belongs to a buffer.
type receiveQueue struct {
	arrivals []arrival
	mmsg     bool
	family   int               // of the socket; AF_UNSPEC: connected, sources are known
	zones    map[uint32]string // names of interfaces, the receiver's
	system   receiveArrays     // as the kernel wants it
	storage  [packetSlots]arrival
}

// A packetReceiver belongs to the goroutine that receives.
type packetReceiver struct {
	raw    syscall.RawConn
	call   func(fd int, q *receiveQueue) (int, error)
	counts *counters
	try    func(fd uintptr) bool // fill, bound once: see streamSender
	on     offloads
	family int
	zones  map[uint32]string

	batch *ReceiveBatch
	err   error // what ended the attempt

	serving // while a Poller calls
}

func (r *packetReceiver) init(raw syscall.RawConn, call func(int, *receiveQueue) (int, error), on offloads, counts *counters) {
	r.raw, r.call, r.on, r.counts = raw, call, on, counts
	r.zones = map[uint32]string{}
	r.try = r.fill
}

// receiveInto implements Conn.Receive.
func (r *packetReceiver) receiveInto(b *ReceiveBatch) error {
	b.Release()
	r.batch, r.err = b, nil
	if err := r.raw.Read(r.try); err != nil {
		return plain(err)
	}
	return r.err
}

// fill receives once, and returns false if nothing is there yet.
func (r *packetReceiver) fill(fd uintptr) bool {
	buf := borrow(&packetBuffers)
	q := buf.packets
	q.mmsg, q.family, q.zones = r.on.mmsg, r.family, r.zones
	for async := 0; ; {
		n, err := r.call(int(fd), q)
		switch {
		case err == nil && n > 0:
			r.unpack(buf, q.arrivals[:n])
			return true
		case err == unix.EINTR:
		case err == unix.EAGAIN:
			buf.giveBack()
			return false
		case err == unix.ENOSYS && q.mmsg:
			r.on.mmsg, q.mmsg = false, false
			r.counts.fallbacks.Add(1)
		case isAsync(err) && async < maxAsync:
			async++
			r.counts.refused.Add(1)
		default:
			buf.giveBack()
			r.err = err
			return true
		}
	}
}

// unpack splits what has arrived into messages and lends buf to the batch.
func (r *packetReceiver) unpack(buf *buffer, arrivals []arrival) {
	now := int64(0) // the clock is read once, and only if needed
	kernelTime := true
	for i := range arrivals {
		a := &arrivals[i]
		if a.time == 0 {
			kernelTime = false
			if now == 0 {
				now = sys.Realtime()
			}
			a.time = now
		}
		m := Message{Time: a.time, Peer: buf.peer(a.from, a.to)}
		size := a.segment
		if size <= 0 {
			size = a.end - a.start
		}
		for start := a.start; ; start += size {
			m.Start, m.End = uint32(start), uint32(min(start+size, a.end))
			buf.msgs = append(buf.msgs, m)
			if start+size >= a.end {
				break
			}
		}
	}
	buf.lend(r.batch, arrivals[len(arrivals)-1].end)
	r.batch.KernelTime = kernelTime
}

// peer returns the index of the pair of addresses, and adds it if it is not the
// last one's.
func (b *buffer) peer(from netip.AddrPort, to netip.Addr) uint32 {
	if !from.IsValid() {
		return 0
	}
	last := len(b.peers) - 1
	if last < 0 || b.peers[last] != from || b.locals[last] != to {
		b.peers = append(b.peers, from)
		b.locals = append(b.locals, to)
		last++
	}
	return uint32(last)
}

// zoned names the interface of a link-local address.
func (q *receiveQueue) zoned(a netip.Addr, index uint32) netip.Addr {
	if !a.Is6() || !a.IsLinkLocalUnicast() || index == 0 {
		return a
	}
	name, ok := q.zones[index]
	if !ok {
		name = zoneName(index)
		q.zones[index] = name
	}
	return a.WithZone(name)
}
