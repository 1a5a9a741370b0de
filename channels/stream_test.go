package channels

import (
	"testing"
	"time"

	"netperfmeter/wire"
)

// TestManySmallMessages sends messages that are as short as Length allows: a
// batch is bounded, and what does not fit into it comes with the next one.
func TestManySmallMessages(t *testing.T) {
	a, b := streamPair(t, wire.TCP, Options{})
	const count = 100000
	batch := new(SendBatch)
	for range count {
		batch.Buf = append(batch.Buf, byte(wire.TypeResults), 0, 0, wire.HeaderSize)
		batch.Ends = append(batch.Ends, len(batch.Buf))
	}
	sent := make(chan error, 1)
	go func() { sent <- a.Send(batch, true) }()
	if err := b.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var in ReceiveBatch
	for got := 0; got < count; got += len(in.Msgs) {
		if err := b.Receive(&in); err != nil {
			t.Fatalf("after %d messages: %v", got, err)
		}
		if len(in.Msgs) > maxStreamMessages {
			t.Fatalf("a batch of %d messages", len(in.Msgs))
		}
		for i := range in.Msgs {
			if m := in.Bytes(i); len(m) != wire.HeaderSize || m[0] != byte(wire.TypeResults) {
				t.Fatalf("message %d: %v", got+i, m)
			}
		}
	}
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
}

// TestIdleHoldsNothing sees that a Receive that waits has given its buffer back,
// and that one inside a message keeps only that.
func TestIdleHoldsNothing(t *testing.T) {
	a, b := streamPair(t, wire.TCP, Options{})
	var in ReceiveBatch
	out := new(SendBatch)
	fill(out, 1000, 3000)
	out.Buf = append(out.Buf, out.Buf[:500]...)
	out.Ends = append(out.Ends, len(out.Buf))
	if err := a.Send(out, true); err != nil {
		t.Fatal(err)
	}
	for got := 0; got < 3; got += len(in.Msgs) {
		if err := b.Receive(&in); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if err := b.Receive(&in); err == nil {
		t.Fatal("half a message was delivered")
	}
	if in.Buf != nil || in.borrowed != nil {
		t.Error("the batch has a buffer")
	}
	if r := &b.(*stream).receiver; len(r.carry) != 500 || cap(r.carry) > 2048 || r.need != 1000 {
		t.Errorf("carries %d bytes in %d, and needs %d", len(r.carry), cap(r.carry), r.need)
	}
}
