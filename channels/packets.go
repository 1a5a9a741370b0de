package channels

import (
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

// Sizes of one call. Every slot takes the longest datagram, or run of
// datagrams, that the kernel can hand over; only what is used of it becomes
// real memory.
const (
	packetSlots    = 32       // datagrams or runs of a receiving call
	packetSlotSize = 64 << 10 // bytes of one
	sendPieces     = 64       // datagrams or runs of a sending call
)

// Limits of a run of datagrams that the kernel cuts (UDP_SEGMENT): as many
// segments as UDP_MAX_SEGMENTS says, which is 64 in kernels before 6.9 and 128
// in later ones, and the bytes of one IPv4 datagram.
const (
	maxSegments    = 128
	maxSegmentsOld = 64
	maxRunBytes    = MaxDatagram
)

// packetCalls are the system calls of a datagram socket's data path. They are
// function values so that a test can make them fail.
type packetCalls struct {
	// send hands the queue's pieces to the kernel and returns how many it has
	// taken; an error is about the first one and comes with 0.
	send func(fd int, q *sendQueue) (int, error)
	// receive fills the queue's arrivals.
	receive func(fd int, q *receiveQueue) (int, error)
}

// offloads tells what is in use at a socket.
type offloads struct {
	gso, gro, mmsg, timestamps bool
}

// A piece is one datagram, or a run of datagrams that the kernel cuts.
type piece struct {
	start, end int // in the batch's Buf
	messages   int
	segment    int // bytes of each datagram but the last; 0: one datagram
}

// An arrival is one datagram, or a run of datagrams that the kernel has put
// together.
type arrival struct {
	start, end int // in the buffer's data
	segment    int // bytes of each datagram but the last; 0: one datagram
	time       int64
	from       netip.AddrPort // not valid: a connected socket
	to         netip.Addr     // not valid: not known
}

// isAsync tells the errors that may be about an earlier datagram: ICMP errors
// wait at the socket for its next call, which then has done nothing else. An
// ICMP "fragmentation needed" arrives so as EMSGSIZE.
func isAsync(err error) bool {
	switch err {
	case unix.ECONNREFUSED, unix.EHOSTUNREACH, unix.ENETUNREACH, unix.EHOSTDOWN,
		unix.ENOPROTOOPT, unix.EACCES, unix.EPROTO, unix.EMSGSIZE:
		return true
	}
	return false
}

// maxAsync is how many refused connections in a row are taken for such errors:
// there can be one for every datagram on its way.
const maxAsync = 1000

// waitSlice bounds a wait in poll(2), which neither a deadline set in the
// meantime nor Close can end.
const waitSlice = 20 * time.Millisecond
