package channels

import (
	"net/netip"
	"sync"
)

// A buffer is the memory behind one ReceiveBatch: pooled, because there may be
// thousands of connections, but only so many are being read at a time.
type buffer struct {
	pool    *sync.Pool // where it goes back to
	data    []byte
	msgs    []Message // grows to what its users need
	peers   []netip.AddrPort
	locals  []netip.Addr
	packets *receiveQueue // nil: a stream's
}

// The pools are for all connections together; that is the point of them.
var (
	streamBuffers = sync.Pool{New: func() any { return &buffer{data: make([]byte, streamReadSize)} }}
	packetBuffers = sync.Pool{New: func() any {
		b := &buffer{data: make([]byte, packetSlots*packetSlotSize)}
		b.packets = newReceiveQueue(b.data)
		return b
	}}
)

// borrow takes a buffer out of pool.
func borrow(pool *sync.Pool) *buffer {
	b := pool.Get().(*buffer)
	b.pool = pool
	b.msgs, b.peers, b.locals = b.msgs[:0], b.peers[:0], b.locals[:0]
	return b
}

// giveBack returns b to its pool.
func (b *buffer) giveBack() { b.pool.Put(b) }

// lend makes b the memory behind batch, and batch its next owner.
func (b *buffer) lend(batch *ReceiveBatch, length int) {
	batch.Buf, batch.Msgs = b.data[:length], b.msgs
	batch.Peers, batch.Locals = b.peers, b.locals
	batch.borrowed = b
}
