package channeltest

import (
	"errors"
	"io"
	"testing"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// halfClose ends one direction, in which everything still arrives, and uses the
// other.
func halfClose(t *testing.T, a, b channels.Conn, traits Traits) {
	if traits.Datagrams {
		if err := a.CloseWrite(); !errors.Is(err, channels.ErrUnsupported) {
			t.Fatalf("CloseWrite: %v, expected %v", err, channels.ErrUnsupported)
		}
		return
	}
	size := mixed(3000)
	sent := make(chan error, 1)
	go func() { sent <- errors.Join(a.Send(batch(0, 2000, size), true), a.CloseWrite()) }()
	c := newChecker(t, b, size)
	if err := c.until(2000); err != nil {
		t.Fatal(err)
	}
	expect(t, c, io.EOF)
	expect(t, c, io.EOF)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if err := a.Send(batch(0, 1, size), true); err == nil {
		t.Error("Send after CloseWrite: no error")
	}
	send(t, b, batch(0, 10, size))
	if err := b.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	back := newChecker(t, a, size)
	if err := back.until(10); err != nil {
		t.Fatal(err)
	}
	expect(t, back, io.EOF)
}

// raw returns a batch of bytes that need not be messages.
func raw(parts ...[]byte) *channels.SendBatch {
	b := new(channels.SendBatch)
	for _, p := range parts {
		b.Buf = append(b.Buf, p...)
	}
	b.Ends = []int{len(b.Buf)}
	return b
}

// ending sends three messages and then the bytes, ends the stream, and expects
// the messages and the error.
func ending(t *testing.T, a, b channels.Conn, bytes []byte, want error) *checker {
	t.Helper()
	c := newChecker(t, b, always(1000))
	send(t, a, raw(batch(0, 3, c.size).Buf, bytes))
	if err := a.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := c.until(3); err != nil {
		t.Fatal(err)
	}
	if want != nil {
		expect(t, c, want)
		expect(t, c, want)
	}
	return c
}

func endInside(t *testing.T, a, b channels.Conn, _ Traits) {
	ending(t, a, b, batch(3, 4, always(1000)).Buf[:999], io.ErrUnexpectedEOF)
}

func endInsideHeader(t *testing.T, a, b channels.Conn, _ Traits) {
	ending(t, a, b, []byte{5, 0, 0}, io.ErrUnexpectedEOF)
}

// lostFraming sends a Length that cannot be, and more after it.
func lostFraming(t *testing.T, a, b channels.Conn, _ Traits) {
	c := ending(t, a, b, append([]byte{5, 0, 0, 3}, batch(3, 5, always(1000)).Buf...), nil)
	for range 2 {
		var framing *channels.FramingError
		if err := b.Receive(&c.b); !errors.As(err, &framing) {
			t.Fatalf("Receive: %v, expected a FramingError", err)
		}
	}
}

// byteByByte sends messages in the smallest pieces, so that every boundary of a
// read falls everywhere.
func byteByByte(t *testing.T, a, b channels.Conn, _ Traits) {
	size := func(seq wire.Seq) int { return 48 + int(seq) }
	all := batch(0, 20, size)
	sent := make(chan error, 1)
	go func() {
		var err error
		for i := range all.Buf {
			err = errors.Join(err, a.Send(&channels.SendBatch{Buf: all.Buf[i : i+1], Ends: []int{1}}, true))
		}
		sent <- err
	}()
	if err := newChecker(t, b, size).until(20); err != nil {
		t.Fatal(err)
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// shutdown ends an association: what was sent before in either direction still
// arrives.
func shutdown(t *testing.T, a, b channels.Conn, _ Traits) {
	const count = 300
	size := mixed(3000)
	sent := make(chan error, 1)
	send(t, b, batch(0, 10, size))
	go func() { sent <- errors.Join(a.Send(batch(0, count, size), true), a.CloseWrite()) }()
	c := newChecker(t, b, size)
	if err := c.until(count); err != nil {
		t.Fatal(err)
	}
	expect(t, c, io.EOF)
	expect(t, c, io.EOF)
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	for _, end := range []channels.Conn{a, b} {
		if err := end.Send(batch(0, 1, size), true); err == nil {
			t.Error("Send after CloseWrite: no error")
		}
	}
	back := newChecker(t, a, size)
	if err := back.until(10); err != nil {
		t.Fatal(err)
	}
	expect(t, back, io.EOF)
}
