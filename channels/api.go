// Package channels owns the sockets: how a transport is dialled, listened on,
// set up, cut into messages and used in batches, and what the kernel says
// about it. A few files per transport; nothing else in the program sees a
// socket.
//
// The package starts no goroutine that outlives a call, but for a Poller's. A Conn has one sender
// and one receiver, which may be two goroutines; closing it and setting its
// deadlines is allowed from any.
//
// Memory: a SendBatch and all that is in it belong to the caller, the kernel
// copies. What a ReceiveBatch points to is borrowed from a pool during Receive
// and goes back with Release or with the next Receive; a connection that waits
// holds nothing but the piece of a message that has arrived.
package channels

import (
	"net/netip"
	"time"
)

// A Conn is a data channel: a stream that is cut into messages by their Length
// (TCP, MPTCP), datagrams of one message each (UDP, DCCP), or an association
// with streams of such (SCTP), see Share.
type Conn interface {
	// Send hands messages of b to the kernel, from b.Sent and b.Offset on; it
	// leaves there, also with an error, exactly what the kernel has accepted.
	// With wait it returns nil once all is accepted, and blocks as long as the
	// kernel's buffer is full: until the write deadline
	// (os.ErrDeadlineExceeded), Close (net.ErrClosed) or an error. Without
	// wait it never blocks, looks at no deadline, and returns ErrWouldBlock
	// when the kernel takes no more now. A datagram that is too long is a
	// *MessageSizeError; see IsDropped for other errors about one datagram.
	//
	// A stream may stop inside a message. Whoever gives up such a batch has to
	// send the rest of that message first, see SendBatch.Finish.
	Send(b *SendBatch, wait bool) error

	// Receive fills b with at least one message: it blocks until one is whole,
	// until the read deadline (os.ErrDeadlineExceeded), Close (net.ErrClosed)
	// or an error. Streams, and DCCP, end with io.EOF, or a *CutError inside a message, and with a *FramingError at a Length that cannot be; what came
	// before is delivered first. A datagram's Length is not checked.
	Receive(b *ReceiveBatch) error

	// CloseWrite ends the sending direction of a stream, after what the kernel
	// has accepted. Over SCTP it ends both directions: what both kernels have
	// accepted is still delivered. Transports without half-close return
	// ErrUnsupported.
	CloseWrite() error

	// Close ends both directions and every blocked call. What the kernel has
	// accepted of a stream is still delivered, unless bytes that arrived were
	// not read: then the kernel resets the connection.
	Close() error

	SetReadDeadline(t time.Time) error  // the zero time: none
	SetWriteDeadline(t time.Time) error // the zero time: none

	LocalAddr() netip.AddrPort  // IPv4 is IPv4, never mapped into IPv6
	RemoteAddr() netip.AddrPort // IPv4 is IPv4, never mapped into IPv6

	// Apply sets buffers, no-delay and congestion control of an accepted
	// connection; Local, V6Only and Offloads have no meaning then. Refusals
	// are a *BufferError or a *CongestionControlError.
	Apply(o Options) error
}

// A Listener accepts data channels.
type Listener interface {
	// Accept waits for a connection, until Close (net.ErrClosed). After other
	// errors IsTemporary tells whether it is worth trying again later.
	Accept() (Conn, error)
	Close() error
	Addr() netip.AddrPort
}

// Options are what a socket is set up with. The zero value leaves everything
// to the system.
type Options struct {
	// Local are the addresses to bind to: all of them with SCTP; others use the
	// first of the remote address's family.
	Local []netip.Addr
	// V6Only keeps IPv4 away from an IPv6 socket.
	V6Only bool
	// SndBuf and RcvBuf are the kernel's buffer sizes in bytes. 0 leaves the
	// system's, with its autotuning; UDP and DCCP sockets get 8 MiB to receive into, or
	// what the system permits of that. It is an error if the kernel reports less
	// than asked for. Linux reports twice what it was asked for, since it
	// counts its own bookkeeping: up to twice its limit is taken.
	SndBuf, RcvBuf int
	// NoDelay switches Nagle's algorithm off (TCP, MPTCP, SCTP; others ignore
	// it).
	NoDelay bool
	// CongestionControl is a name that the kernel knows (TCP, MPTCP; others
	// ignore it); "" and "default" leave the system's.
	CongestionControl string
	// CCID is the congestion control of DCCP, by its number; 0 leaves the
	// system's. Others ignore it.
	CCID     uint8
	Offloads Offloads
	// PeerTimeout is after how long without any sign of life from the peer's
	// host a control channel breaks, 1 s to a day; 0: DefaultPeerTimeout. Over MPTCP,
	// whose sockets refuse the option for it, the system's retransmissions
	// bound what is under way; over SCTP it takes half as long again, or 50 s.
	// Data channels of SCTP do not break before it; others ignore it.
	PeerTimeout time.Duration
}

// Offloads switches off what is otherwise used where the kernel has it.
type Offloads struct {
	NoGSO        bool // many datagrams as one on the way out (UDP_SEGMENT)
	NoGRO        bool // many datagrams as one on the way in (UDP_GRO)
	NoMmsg       bool // many datagrams in one system call (sendmmsg, recvmmsg)
	NoTimestamps bool // the kernel's arrival times (SO_TIMESTAMPNS)
}

// MaxDatagram is the longest message that fits into an IPv4 UDP datagram,
// in bytes.
const MaxDatagram = 65507
