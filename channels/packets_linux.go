package channels

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// x/sys has neither sendmmsg nor recvmmsg, nor their structure. Go aligns it
// like C does.
type mmsghdr struct {
	header unix.Msghdr
	length uint32 // bytes sent or received
}

// Sizes of the control messages that go with a datagram, in words, which keeps
// them aligned: source address (IPV6_PKTINFO 40 bytes) and UDP_SEGMENT (24);
// arrival time (32), UDP_GRO (24) and destination address (40).
const (
	sendControlWords    = 8
	receiveControlWords = 12
)

// sendArrays is a sendQueue as sendmmsg(2) takes it.
type sendArrays struct {
	headers  [sendPieces]mmsghdr
	iovecs   [sendPieces]unix.Iovec
	controls [sendPieces][sendControlWords]uint64
}

// receiveArrays is a receiveQueue as recvmmsg(2) takes it.
type receiveArrays struct {
	used     int // how many headers the last call has changed
	headers  [packetSlots]mmsghdr
	iovecs   [packetSlots]unix.Iovec
	names    [packetSlots]unix.RawSockaddrInet6 // long enough for either family
	controls [packetSlots][receiveControlWords]uint64
}

// systemPacketCalls are the real ones.
var systemPacketCalls = packetCalls{send: sendPackets, receive: receivePackets}

// newReceiveQueue makes a queue that receives into data.
func newReceiveQueue(data []byte) *receiveQueue {
	q := new(receiveQueue)
	a := &q.system
	for i := range a.headers {
		a.iovecs[i].Base = &data[i*packetSlotSize]
		a.iovecs[i].SetLen(packetSlotSize)
		h := &a.headers[i].header
		h.Iov = &a.iovecs[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&a.names[i]))
		h.Control = (*byte)(unsafe.Pointer(&a.controls[i]))
	}
	a.used = packetSlots
	return q
}

func sendPackets(fd int, q *sendQueue) (int, error) {
	if p := &q.pieces[0]; len(q.pieces) == 1 && q.to == nil && p.segment == 0 {
		return sendOnePacket(fd, q.buf[p.start:p.end])
	}
	a := &q.system
	for i := range q.pieces {
		q.prepare(i)
	}
	if !q.mmsg || len(q.pieces) == 1 {
		_, _, errno := syscall.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&a.headers[0].header)), 0)
		if errno != 0 {
			return 0, errno
		}
		return 1, nil
	}
	n, _, errno := syscall.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd),
		uintptr(unsafe.Pointer(&a.headers)), uintptr(len(q.pieces)), 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

// sendOnePacket sends one datagram on a connected socket: without the structures
// that sendmsg and sendmmsg copy.
func sendOnePacket(fd int, datagram []byte) (int, error) {
	_, _, errno := syscall.RawSyscall6(unix.SYS_SENDTO, uintptr(fd),
		uintptr(unsafe.Pointer(unsafe.SliceData(datagram))), uintptr(len(datagram)), 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return 1, nil
}

// prepare fills in what the kernel reads for piece i.
func (q *sendQueue) prepare(i int) {
	p, a := &q.pieces[i], &q.system
	iovec, h := &a.iovecs[i], &a.headers[i].header
	iovec.Base = &q.buf[p.start]
	iovec.SetLen(p.end - p.start)
	h.Iov = iovec
	h.SetIovlen(1)
	h.Name, h.Namelen = nil, 0
	space := bytesOf(a.controls[i][:])
	control := space[:0]
	if q.to != nil {
		h.Name, h.Namelen = (*byte)(unsafe.Pointer(&q.to.name)), q.to.nameLen
		control = append(control, q.to.control...)
	}
	if p.segment > 0 {
		var data []byte
		control, data = appendControl(control, unix.IPPROTO_UDP, unix.UDP_SEGMENT, 2)
		*(*uint16)(unsafe.Pointer(&data[0])) = uint16(p.segment)
	}
	h.Control = nil
	if len(control) > 0 {
		h.Control = &control[0]
	}
	h.SetControllen(len(control))
}

func receivePackets(fd int, q *receiveQueue) (int, error) {
	a := &q.system
	for i := range a.headers[:a.used] {
		h := &a.headers[i].header
		h.Namelen = unix.SizeofSockaddrInet6
		h.SetControllen(receiveControlWords * 8)
	}
	a.used = 0
	n := 1
	if q.mmsg {
		r, _, errno := syscall.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd),
			uintptr(unsafe.Pointer(&a.headers)), packetSlots, unix.MSG_DONTWAIT, 0, 0)
		if errno != 0 {
			return 0, errno
		}
		n = int(r)
	} else {
		r, _, errno := syscall.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&a.headers[0].header)), unix.MSG_DONTWAIT)
		if errno != 0 {
			return 0, errno
		}
		a.headers[0].length = uint32(r)
	}
	a.used = n
	q.arrivals = q.storage[:n]
	for i := range q.arrivals {
		q.read(i)
	}
	return n, nil
}

// read turns what the kernel has written for slot i into an arrival.
func (q *receiveQueue) read(i int) {
	a := &q.system
	m := &a.headers[i]
	start := i * packetSlotSize
	r := &q.arrivals[i]
	*r = arrival{start: start, end: start + int(m.length)}
	if q.family != unix.AF_UNSPEC {
		r.from = q.source(&a.names[i])
	}
	control := bytesOf(a.controls[i][:])[:m.header.Controllen]
	for len(control) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		if int(h.Len) < unix.SizeofCmsghdr || int(h.Len) > len(control) {
			return
		}
		q.readControl(r, h, control[unix.CmsgLen(0):h.Len])
		control = control[min(unix.CmsgSpace(int(h.Len)-unix.CmsgLen(0)), len(control)):]
	}
}
