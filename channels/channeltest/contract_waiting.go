package channeltest

import (
	"errors"
	"net"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// A moment is long enough for a goroutine to get into a blocking call. If it is
// not there yet, the tests that use it test less, and do not fail.
const moment = 20 * time.Millisecond

// noWaiting fills the channel without waiting, and then finishes with waiting
// while the other side receives.
func noWaiting(t *testing.T, a, b channels.Conn, traits Traits) {
	size := mixed(3000)
	rest, next := fillUp(t, a, traits, size)
	before := *rest
	if err := a.Send(rest, false); !errors.Is(err, channels.ErrWouldBlock) && err != nil {
		t.Fatalf("Send: %v", err)
	}
	if rest.Sent < before.Sent || rest.Offset < before.Offset {
		t.Fatalf("progress went back from %d, %d to %d, %d", before.Sent, before.Offset, rest.Sent, rest.Offset)
	}
	sent := make(chan error, 1)
	go func() { sent <- a.Send(rest, true) }()
	if err := newChecker(t, b, size).until(next); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// writeDeadline cuts a Send off, and goes on later from where it was.
func writeDeadline(t *testing.T, a, b channels.Conn, traits Traits) {
	size := mixed(3000)
	all := batch(0, traits.much(), size)
	if err := a.SetWriteDeadline(time.Now().Add(moment)); err != nil {
		t.Fatal(err)
	}
	if err := a.Send(all, true); !isDeadline(err) {
		t.Fatalf("Send: %v, %d of %d sent; expected the deadline", err, all.Sent, len(all.Ends))
	}
	progress(t, all, traits.Datagrams)
	// A deadline that has passed stays.
	offset := all.Offset
	if err := a.Send(all, true); !isDeadline(err) || all.Offset != offset {
		t.Fatalf("Send after the deadline: %v, offset %d, then %d", err, offset, all.Offset)
	}
	if err := a.SetWriteDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	sent := make(chan error, 1)
	go func() { sent <- a.Send(all, true) }()
	if err := newChecker(t, b, size).until(traits.much()); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// finishing gives a batch up, but for the message that has begun, and sends
// other messages under the numbers that are free again.
func finishing(t *testing.T, a, b channels.Conn, traits Traits) {
	const size = 1003
	rest, next := fillUp(t, a, traits, always(size))
	begun := wire.Seq(rest.Sent)
	if !traits.Datagrams && rest.Offset > rest.Sent*size {
		begun++
	}
	unsent := wire.Seq(len(rest.Ends)) - begun
	rest.Finish()
	if len(rest.Ends) != int(begun) || len(rest.Buf) != int(begun)*size {
		t.Fatalf("Finish left %d messages, %d bytes; expected %d messages", len(rest.Ends), len(rest.Buf), begun)
	}
	next -= unsent
	sent := make(chan error, 1)
	go func() {
		err := a.Send(rest, true)
		sent <- errors.Join(err, a.Send(batch(next, next+10, always(size)), true))
	}()
	if err := newChecker(t, b, always(size)).until(next + 10); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// readDeadline ends Receives, also one that has begun, and harms nothing.
func readDeadline(t *testing.T, a, b channels.Conn, traits Traits) {
	c := newChecker(t, b, always(500)).of(traits)
	for range 3 {
		if err := b.SetReadDeadline(time.Now().Add(moment)); err != nil {
			t.Fatal(err)
		}
		if err := b.Receive(&c.b); !isDeadline(err) {
			t.Fatalf("Receive: %v, expected the deadline", err)
		}
	}
	if err := b.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- b.Receive(&c.b) }()
	time.Sleep(moment)
	if err := b.SetReadDeadline(time.Now().Add(-time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !isDeadline(err) {
		t.Fatalf("Receive: %v, expected the deadline", err)
	}
	if err := b.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	send(t, a, batch(0, 5, c.size))
	if err := c.until(5); err != nil {
		t.Fatal(err)
	}
}

func closeEndsReceive(t *testing.T, _, b channels.Conn, _ Traits) {
	var batch channels.ReceiveBatch
	ended := make(chan error, 1)
	go func() { ended <- b.Receive(&batch) }()
	time.Sleep(moment)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Receive: %v, expected %v", err, net.ErrClosed)
	}
}

func closeEndsSend(t *testing.T, a, _ channels.Conn, traits Traits) {
	rest, _ := fillUp(t, a, traits, always(1400))
	for seq := range traits.much() {
		Add(rest, seq, 1400)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Send(rest, true) }()
	time.Sleep(moment)
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Fatalf("Send: %v, expected %v", err, net.ErrClosed)
	}
	progress(t, rest, traits.Datagrams)
}

// closed calls everything after Close.
func closed(t *testing.T, a, _ channels.Conn, _ Traits) {
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for _, wait := range []bool{true, false} {
		if err := a.Send(batch(0, 1, always(100)), wait); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Send: %v, expected %v", err, net.ErrClosed)
		}
	}
	if err := a.Receive(new(channels.ReceiveBatch)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Receive: %v, expected %v", err, net.ErrClosed)
	}
	if err := a.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Close: %v, expected %v", err, net.ErrClosed)
	}
	if !a.LocalAddr().IsValid() || !a.RemoteAddr().IsValid() {
		t.Errorf("addresses %v and %v", a.LocalAddr(), a.RemoteAddr())
	}
}
