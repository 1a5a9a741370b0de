package channels

import (
	"net/netip"

	"netperfmeter/wire"
)

// A SendBatch is messages back to back and how far they have got.
type SendBatch struct {
	Buf    []byte        // the messages
	Ends   []int         // where each message ends in Buf
	Stream wire.StreamID // for transports with streams
	// Delivery says for each message how it is delivered; empty: all in order
	// and reliably.
	Delivery []Delivery
	Limit    Limit // of Unreliable messages

	Sent   int // whole messages that the kernel has accepted
	Offset int // bytes that the kernel has accepted
}

// Reset empties the batch and keeps its memory.
func (b *SendBatch) Reset() {
	b.Buf, b.Ends, b.Delivery = b.Buf[:0], b.Ends[:0], b.Delivery[:0]
	b.Sent, b.Offset = 0, 0
}

// Done tells whether the kernel has accepted everything.
func (b *SendBatch) Done() bool { return b.Sent == len(b.Ends) }

// Finish drops the messages that have not begun, so that what is left, if
// anything, is the rest of the one that the kernel has accepted a part of.
// The sequence numbers of the dropped ones are free again.
func (b *SendBatch) Finish() {
	keep := b.Sent
	if keep < len(b.Ends) && b.Offset > b.start(keep) {
		keep++
	}
	b.Ends = b.Ends[:keep]
	b.Delivery = b.Delivery[:min(keep, len(b.Delivery))]
	b.Buf = b.Buf[:b.start(keep)]
}

// accept adds n bytes to what the kernel has accepted.
func (b *SendBatch) accept(n int) {
	b.Offset += n
	for b.Sent < len(b.Ends) && b.Ends[b.Sent] <= b.Offset {
		b.Sent++
	}
}

// start returns where message i begins; for i = len(Ends), where the last ends.
func (b *SendBatch) start(i int) int {
	if i == 0 {
		return 0
	}
	return b.Ends[i-1]
}

// A Message is one received message in a ReceiveBatch.
type Message struct {
	Start, End uint32        // in Buf
	Peer       uint32        // index into Peers, if there are any
	Stream     wire.StreamID // for transports with streams
	Unordered  bool          // it did not wait for the ones before it (SCTP)
	Time       int64         // arrival, CLOCK_REALTIME in ns since the epoch
}

// A ReceiveBatch is what one Receive has got. Its contents are valid until
// Release or the next Receive with it; the zero value is ready to use.
type ReceiveBatch struct {
	Buf  []byte
	Msgs []Message
	// Peers are the sources of datagrams at an unconnected socket, IPv4 never
	// mapped into IPv6; otherwise empty. The same source may occur again.
	Peers []netip.AddrPort
	// Locals are the addresses that the datagrams of the Peers at the same
	// index were sent to, where the socket is bound to all addresses;
	// otherwise they are not valid (netip.Addr.IsValid).
	Locals []netip.Addr
	// KernelTime tells that every Message.Time is when the kernel got the
	// datagram, not when the read returned.
	KernelTime bool

	borrowed *buffer
}

// Bytes returns message i.
func (b *ReceiveBatch) Bytes(i int) []byte {
	return b.Buf[b.Msgs[i].Start:b.Msgs[i].End]
}

// Release gives the borrowed memory back. It may be called any time.
func (b *ReceiveBatch) Release() {
	if b.borrowed != nil {
		b.borrowed.giveBack()
		*b = ReceiveBatch{}
		return
	}
	// A transport that borrows nothing has appended to these.
	b.Buf, b.Msgs, b.Peers, b.Locals = b.Buf[:0], b.Msgs[:0], b.Peers[:0], b.Locals[:0]
	b.KernelTime = false
}
