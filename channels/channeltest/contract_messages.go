package channeltest

import (
	"errors"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// everySize sends messages one at a time: short ones, those around powers of
// two, and the longest.
func everySize(t *testing.T, a, b channels.Conn, traits Traits) {
	sizes := []int{48, 49, 50, 63, 64, 65, 255, 256, 257, 1399, 1400, 1401, 1472, 1473, 4095, 4096, 4097,
		8999, 16000, 16383, 16384, 16385, 32767, 32768, 32769, 65000, channels.MaxDatagram - 1, channels.MaxDatagram, 65534, 65535}
	for len(sizes) > 0 && sizes[len(sizes)-1] > traits.longest() {
		sizes = sizes[:len(sizes)-1]
	}
	size := func(seq wire.Seq) int { return sizes[int(seq)%len(sizes)] }
	c := newChecker(t, b, size)
	for seq := range wire.Seq(len(sizes)) {
		one := batch(seq, seq+1, size)
		sent := make(chan error, 1)
		go func() { sent <- a.Send(one, true) }()
		if err := c.until(seq + 1); err != nil {
			t.Fatalf("a message of %d bytes: %v", size(seq), err)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		if one.Sent != 1 || one.Offset != size(seq) {
			t.Fatalf("sent %d messages, %d bytes", one.Sent, one.Offset)
		}
	}
}

func emptyBatch(t *testing.T, a, _ channels.Conn, _ Traits) {
	for _, wait := range []bool{true, false} {
		if err := a.Send(new(channels.SendBatch), wait); err != nil {
			t.Errorf("Send of an empty batch: %v", err)
		}
	}
}

// order sends batches of messages of mixed sizes, each so small that a UDP
// socket with the system's buffer holds it. How fast they go is not in question:
// DCCP's CCID 2 of Linux 6.1 at times sends some dozens of messages a second, even
// over loopback. So each batch has its own time, and a transport that loses
// messages sends no more of them after a while.
func order(t *testing.T, a, b channels.Conn, traits Traits) {
	const count, window = 3000, 30
	size := mixed(2000)
	c := newChecker(t, b, size).of(traits)
	lost := wire.Seq(0)
	enough := time.Now().Add(patience / 3)
	for first := wire.Seq(0); first < count; first += window {
		if traits.Loses && first > 0 && time.Now().After(enough) {
			t.Logf("%d of %d messages in %v", first, count, patience/3)
			break
		}
		if err := a.SetWriteDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		send(t, a, batch(first, first+window, size))
		if traits.Loses {
			lost += c.most(first + window)
		} else if err := c.until(first + window); err != nil {
			t.Fatal(err)
		}
	}
	if lost > count/100 {
		t.Errorf("%d of %d messages lost with both sides on one host and the receiver reading", lost, count)
	}
}

// largeBatches sends thousands of messages in single batches while the other
// side receives.
func largeBatches(t *testing.T, a, b channels.Conn, traits Traits) {
	for _, size := range []func(wire.Seq) int{
		always(48), always(1400), mixed(traits.longest()), always(traits.longest()),
	} {
		const rounds = 3
		volume, least := 1<<20, 64
		if traits.Association {
			// SCTP's window does not count what the kernel adds to small messages:
			// more of them overflow the receive buffer, and each loss of a tail
			// takes a second.
			volume, least = 1<<16, 8
		}
		count := wire.Seq(max(least, volume/size(0)))
		sent := make(chan error, 1)
		go func() {
			var err error
			for i := range wire.Seq(rounds) {
				err = errors.Join(err, a.Send(batch(i*count, (i+1)*count, size), true))
			}
			sent <- err
		}()
		if err := newChecker(t, b, size).until(rounds * count); err != nil {
			t.Fatal(err)
		}
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
	}
}

// bothDirections sends and receives at both ends at the same time.
func bothDirections(t *testing.T, a, b channels.Conn, traits Traits) {
	const window = 20
	count := wire.Seq(2000)
	size := mixed(1500)
	results := make(chan error, 4)
	for _, pair := range [][2]channels.Conn{{a, b}, {b, a}} {
		// Not more on the way than any buffer holds: UDP would drop it.
		permits := make(chan struct{}, 3*window)
		go func() {
			for first := wire.Seq(0); first < count; first += window {
				for range window {
					permits <- struct{}{}
				}
				if err := pair[0].Send(batch(first, first+window, size), true); err != nil {
					results <- err
					return
				}
			}
			results <- nil
		}()
		go func() {
			c := newChecker(t, pair[1], size).of(traits)
			for c.next < count {
				before := c.next
				if err := c.until(before + 1); err != nil {
					results <- err
					return
				}
				for range c.next - before {
					<-permits
				}
			}
			results <- nil
		}()
	}
	for range 4 {
		if err := <-results; err != nil {
			t.Fatal(err)
		}
	}
}

// tooLong sends a message that fits into no datagram between two that do.
func tooLong(t *testing.T, a, b channels.Conn, _ Traits) {
	// IPv6 takes 20 bytes more than MaxDatagram.
	size := func(seq wire.Seq) int { return []int{100, wire.MaxMessageSize, 100}[seq%3] }
	all := batch(0, 3, size)
	var tooLong *channels.MessageSizeError
	if err := a.Send(all, true); !errors.As(err, &tooLong) || tooLong.Size != wire.MaxMessageSize {
		t.Fatalf("Send: %v", err)
	}
	if all.Sent != 1 || all.Offset != 100 {
		t.Fatalf("sent %d messages, %d bytes", all.Sent, all.Offset)
	}
	if err := newChecker(t, b, size).until(1); err != nil {
		t.Fatal(err)
	}
	send(t, a, batch(0, 1, size))
	if err := newChecker(t, b, size).until(1); err != nil {
		t.Fatal(err)
	}
}
