package channeltest

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// Traits say what the contract is to expect of a transport.
type Traits struct {
	Datagrams bool // no byte stream, no half-close, no end
	// Association tells of datagrams that are as long as any message, and
	// where the end of one direction is the end of both.
	Association bool
	// Longest is the longest message of a transport of datagrams, 0: as UDP.
	Longest int
	// Loses tells that a message may be lost even between two sockets of one
	// host that are both read.
	Loses bool
	// Fills tells that a sender can fill the channel while nobody receives.
	// UDP over loopback takes everything and drops it at the receiver.
	Fills bool
	// Allocates excuses from the check that a batch allocates nothing.
	Allocates bool
}

// longest is the longest message of the transport.
func (tr Traits) longest() int {
	switch {
	case tr.Longest > 0:
		return tr.Longest
	case tr.Datagrams && !tr.Association:
		return channels.MaxDatagram
	}
	return wire.MaxMessageSize
}

// much is more messages than a channel holds. An association holds less than
// what autotuned buffers do, and needs an emulated kernel mostly.
func (tr Traits) much() wire.Seq {
	if tr.Association {
		return 3000
	}
	return 20000
}

// patience ends calls that should have ended by themselves. A correct Conn
// never gets that far.
const patience = 30 * time.Second

var errMismatch = errors.New("a message is not what was sent")

// Run checks the contract of Conn. newPair returns two connected Conns that hold
// 64 KiB of messages while nobody receives; the
// contract closes them, everything else that it has made newPair has to end by
// t.Cleanup.
func Run(t *testing.T, newPair func(t testing.TB) (a, b channels.Conn), traits Traits) {
	t.Helper()
	for _, test := range []struct {
		name string
		skip bool
		run  func(t *testing.T, a, b channels.Conn, traits Traits)
	}{
		{"every size", false, everySize},
		{"empty batch", false, emptyBatch},
		{"order", false, order},
		{"large batches", traits.Datagrams && !traits.Association, largeBatches},
		{"both directions at once", traits.Loses, bothDirections},
		{"too long a datagram", !traits.Datagrams || traits.Association, tooLong},
		{"no waiting", !traits.Fills, noWaiting},
		{"write deadline", !traits.Fills, writeDeadline},
		{"finishing a message", !traits.Fills, finishing},
		{"read deadline", false, readDeadline},
		{"close ends Receive", false, closeEndsReceive},
		{"close ends Send", !traits.Fills, closeEndsSend},
		{"closed", false, closed},
		{"half-close", traits.Association, halfClose},
		{"shutdown", !traits.Association, shutdown},
		{"end inside a message", traits.Datagrams, endInside},
		{"end inside a header", traits.Datagrams, endInsideHeader},
		{"lost framing", traits.Datagrams, lostFraming},
		{"byte by byte", traits.Datagrams, byteByByte},
		{"no allocations", traits.Allocates || raceDetector, noAllocations},
		{"apply", false, apply},
	} {
		if test.skip {
			continue
		}
		t.Run(test.name, func(t *testing.T) {
			CheckLeaks(t)
			a, b := newPair(t)
			defer func() {
				for _, c := range []channels.Conn{a, b} {
					if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
						t.Errorf("Close: %v", err)
					}
				}
			}()
			limit := time.Now().Add(patience)
			for _, c := range []channels.Conn{a, b} {
				if err := errors.Join(c.SetReadDeadline(limit), c.SetWriteDeadline(limit)); err != nil {
					t.Fatal(err)
				}
			}
			test.run(t, a, b, traits)
		})
	}
}

// send sends all of b and fails the test otherwise.
func send(t testing.TB, c channels.Conn, b *channels.SendBatch) {
	t.Helper()
	if err := c.Send(b, true); err != nil {
		t.Fatalf("Send: %v", err)
	}
	if b.Sent != len(b.Ends) || b.Offset != len(b.Buf) || !b.Done() {
		t.Fatalf("Send returned nil with %d of %d messages and %d of %d bytes", b.Sent, len(b.Ends), b.Offset, len(b.Buf))
	}
}

// progress fails the test unless b.Sent and b.Offset agree.
func progress(t testing.TB, b *channels.SendBatch, datagrams bool) {
	t.Helper()
	whole := 0
	for _, end := range b.Ends {
		if end <= b.Offset {
			whole++
		}
	}
	if whole != b.Sent {
		t.Fatalf("Offset %d is %d messages, and Sent is %d", b.Offset, whole, b.Sent)
	}
	if datagrams && b.Sent > 0 && b.Ends[b.Sent-1] != b.Offset {
		t.Fatalf("Offset %d is inside datagram %d", b.Offset, b.Sent)
	}
}

// fillUp sends messages without waiting until the channel is full, and returns
// the batch that was not taken wholly and the sequence numbers used.
func fillUp(t testing.TB, c channels.Conn, traits Traits, size func(wire.Seq) int) (*channels.SendBatch, wire.Seq) {
	t.Helper()
	var next wire.Seq
	for {
		b := batch(next, next+64, size)
		next += 64
		err := c.Send(b, false)
		progress(t, b, traits.Datagrams)
		switch {
		case errors.Is(err, channels.ErrWouldBlock):
			return b, next
		case err != nil:
			t.Fatalf("Send: %v", err)
		}
	}
}

// expect fails the test unless the Conns' next Receive ends with the error.
func expect(t testing.TB, c *checker, want error) {
	t.Helper()
	err := c.conn.Receive(&c.b)
	if err == nil {
		t.Fatalf("Receive: %d messages, expected the error %q", len(c.b.Msgs), want)
	}
	if !errors.Is(err, want) {
		t.Fatalf("Receive: %v, expected %v", err, want)
	}
}

func isDeadline(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
