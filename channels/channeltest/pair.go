// Package channeltest has what tests of and with data channels need: a pair of
// connected Conns in memory, which works inside a testing/synctest bubble, and
// the contract that every Conn has to keep (Run).
//
// A pair's memory belongs to the pair. It starts no goroutines; a deadline is a
// timer that ends with it.
package channeltest

import (
	"net/netip"
	"sync"

	"netperfmeter/channels"
)

// A Fault is what happens to a datagram.
type Fault int

// The faults.
const (
	None      Fault = iota
	Drop            // it is never received
	Duplicate       // it is received twice
	Delay           // it is received after the next one
)

// PairOptions say what the pair is. The zero value is a stream that works.
type PairOptions struct {
	Datagrams bool // one message each, instead of a stream
	// Buffer is how many bytes each direction holds before it would block; 0:
	// 256 KiB. A single datagram always fits into an empty one.
	Buffer int
	// Accept limits what one write of a stream takes, from 1 to n bytes: short
	// writes. nil: all that fits.
	Accept func(n int) int
	// Fault decides about the nth datagram, from 0, of one direction. It is
	// called with the pair locked.
	Fault func(direction, n int) Fault
	// Apply is what Conn.Apply returns; nil: no error.
	Apply func(o channels.Options) error
}

// defaultBuffer is about what the kernel gives a connection.
const defaultBuffer = 256 << 10

// Addresses of a pair: of a range for documentation (RFC 5737).
var (
	addressA = netip.MustParseAddrPort("192.0.2.1:1")
	addressB = netip.MustParseAddrPort("192.0.2.2:2")
)

// Pair returns two Conns that talk to each other. Direction 0 is from a to b.
func Pair(o PairOptions) (a, b channels.Conn) {
	if o.Buffer <= 0 {
		o.Buffer = defaultBuffer
	}
	// One lock for both directions: a Close concerns both.
	mu := new(sync.Mutex)
	forth, back := newPipe(mu, o, 0), newPipe(mu, o, 1)
	a = &conn{mu: mu, o: o, in: back, out: forth, local: addressA, remote: addressB}
	b = &conn{mu: mu, o: o, in: forth, out: back, local: addressB, remote: addressA}
	return a, b
}
