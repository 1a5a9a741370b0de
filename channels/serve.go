package channels

import (
	"net/netip"
	"time"
)

// A bounded socket is one that is closed, and whose calls have deadlines:
// package net's, or a Poller's.
type bounded interface {
	Close() error
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
}

// A Source is what messages are received from: a Conn, or a UDPSocket.
type Source interface {
	Receive(b *ReceiveBatch) error
}

// A Taker takes what Receive would have returned. With an error it has to
// return one, which ends the serving.
type Taker interface {
	Take(b *ReceiveBatch, err error) error
}

// Serve does for a connection that a Poller has adopted what calling Receive
// again and again does: it hands t what each would have returned, until t
// returns an error, which Serve returns.
//
// t is called from the Poller's goroutine, mostly, never by two at a time. It must
// not block: all other connections of the Poller wait for it. The batch is the
// Poller's and is used again afterwards. served is false for another Source, and
// nothing has happened then.
func Serve(source Source, t Taker) (served bool, err error) {
	switch c := source.(type) {
	case *stream:
		if c.polled != nil {
			return true, c.serve(t)
		}
	case *udpConn:
		if c.polled != nil {
			return true, c.receiver.serve(c.polled, serving{taker: t, what: "receiving from", at: c.remote})
		}
	case *UDPSocket:
		if c.polled != nil {
			return true, c.receiver.serve(c.polled, serving{taker: t, what: "receiving at", at: c.addr})
		}
	}
	return false, nil
}

// A server is a connection whose Poller tells it that there may be something to
// read: it reads once, into the empty batch b, and says how many messages there
// were, and whether it wants no more.
type server interface {
	serveOnce(fd uintptr, b *ReceiveBatch) (messages int, done bool)
}

// serving is what a receiver needs while it is served.
type serving struct {
	taker Taker
	// end is the Taker's error.
	end  error
	what string         // datagrams: what is done,
	at   netip.AddrPort // and where
}

// serve is Serve.
func (r *packetReceiver) serve(s *polledSocket, what serving) error {
	r.serving = what
	if err := s.serveReads(r); err != nil {
		return r.taker.Take(new(ReceiveBatch), describePacket(r.what, r.at, err))
	}
	return r.end
}

// serveOnce implements server.
func (r *packetReceiver) serveOnce(fd uintptr, b *ReceiveBatch) (messages int, done bool) {
	r.batch, r.err = b, nil
	if !r.fill(fd) {
		return 0, false
	}
	messages = len(b.Msgs)
	r.end = r.taker.Take(b, describePacket(r.what, r.at, r.err))
	return messages, r.end != nil
}

// serve is Serve.
func (s *stream) serve(t Taker) error {
	r := &s.receiver
	r.serving = serving{taker: t}
	// What has come with the last Receive needs no reading.
	var b ReceiveBatch
	defer b.Release()
	if s.deliverRest(&b); r.end != nil {
		return r.end
	}
	if err := s.polled.serveReads(s); err != nil {
		return t.Take(new(ReceiveBatch), s.describe("receiving from", err))
	}
	return r.end
}

// serveOnce implements server.
func (s *stream) serveOnce(fd uintptr, b *ReceiveBatch) (messages int, done bool) {
	r := &s.receiver
	r.batch, r.err = b, nil
	if !r.fill(fd) {
		return 0, false
	}
	messages = len(b.Msgs)
	if r.end = r.taker.Take(b, s.describe("receiving from", r.err)); r.end == nil {
		s.deliverRest(b)
	}
	return messages, r.end != nil
}

// deliverRest hands over what has been read and needs no further bytes: whole
// messages, or that they end.
func (s *stream) deliverRest(b *ReceiveBatch) {
	for r := &s.receiver; r.end == nil && (r.full || r.broken != nil); {
		err := r.receive(b)
		r.end = r.taker.Take(b, s.describe("receiving from", err))
	}
}
