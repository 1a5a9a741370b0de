package channels_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/wire"
)

// needSCTP is for tests that the virtual machine runs (../test/vm) where the
// kernel here has no SCTP. There the loopback interface needs an MTU of 1500:
// with its own SCTP waits for a delayed acknowledgement after every packet.
func needSCTP(t testing.TB) {
	t.Helper()
	if err := channels.Available(wire.SCTP); err != nil {
		t.Skipf("needs SCTP in the kernel, which the machine of test/vm has: %v", err)
	}
}

func TestSCTPKeepsTheContract(t *testing.T) {
	needSCTP(t)
	for _, test := range []struct {
		name    string
		at      netip.Addr
		options channels.Options
		share   bool
	}{
		{"IPv4, no delay", local4, channels.Options{NoDelay: true}, false},
		{"shared, IPv6, small send buffer, no delay", netip.IPv6Loopback(), channels.Options{SndBuf: 40000, NoDelay: true}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
				a, b = listenAndDial(t, wire.SCTP, test.at, test.options)
				if test.share {
					return channels.Share(a), channels.Share(b)
				}
				return a, b
			}, channeltest.Traits{Datagrams: true, Fills: true, Association: true})
		})
	}
}

// TestSCTPStreams sends on many streams at once, each by a goroutine of its
// own, in both directions.
func TestSCTPStreams(t *testing.T) {
	needSCTP(t)
	channeltest.CheckLeaks(t)
	a, b := listenAndDial(t, wire.SCTP, local4, channels.Options{})
	defer a.Close()
	defer b.Close()
	const streams, count = 10, 100
	var senders sync.WaitGroup
	defer senders.Wait()
	for _, c := range []channels.Conn{a, b} {
		for s := range wire.StreamID(streams) {
			c := channels.Share(c)
			senders.Go(func() {
				batch := channels.SendBatch{Stream: s * 7281}
				for seq := range wire.Seq(count) {
					batch.Reset()
					channeltest.Add(&batch, seq, 48+int(s)*500)
					if err := c.Send(&batch, true); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	for _, c := range []channels.Conn{a, b} {
		next := map[wire.StreamID]wire.Seq{}
		var in channels.ReceiveBatch
		for got := 0; got < streams*count; {
			c.SetReadDeadline(time.Now().Add(30 * time.Second))
			if err := c.Receive(&in); err != nil {
				t.Fatalf("after %d: %v", got, err)
			}
			for i, m := range in.Msgs {
				d, err := wire.ParseData(in.Bytes(i))
				if err != nil || d.Seq != next[m.Stream] || m.Unordered {
					t.Fatalf("stream %d: sequence number %d, expected %d (%v)", m.Stream, d.Seq, next[m.Stream], err)
				}
				next[m.Stream]++
				got++
			}
		}
		if len(next) != streams || next[7281*(streams-1)] != count {
			t.Errorf("received %v", next)
		}
		in.Release()
	}
}

// big is more than an association takes without a receiver.
func big() *channels.SendBatch {
	var batch channels.SendBatch
	for seq := range wire.Seq(800) {
		channeltest.Add(&batch, seq, 1400)
	}
	return &batch
}

// TestSCTPShares: one flow's deadline and end leave the others alone.
func TestSCTPShares(t *testing.T) {
	needSCTP(t)
	a, b := listenAndDial(t, wire.SCTP, local4, channels.Options{})
	defer a.Close()
	defer b.Close()
	one, two, three := channels.Share(a), channels.Share(a), channels.Share(a)
	ended := map[channels.Conn]chan error{one: make(chan error, 1), two: make(chan error, 1), three: make(chan error, 1)}
	for c, end := range ended {
		go func() { end <- c.Send(big(), true) }()
	}
	for _, c := range []channels.Conn{two, one} {
		c.SetWriteDeadline(time.Unix(1, 0))
		if err := <-ended[c]; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("after the deadline: %v", err)
		}
	}
	if err := one.CloseWrite(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-ended[three]:
		t.Fatalf("another share's end ended this one: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	if err := three.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended[three]; !errors.Is(err, net.ErrClosed) {
		t.Fatalf("after Close: %v", err)
	}
	if err := a.Send(big(), false); !errors.Is(err, channels.ErrWouldBlock) {
		t.Errorf("the association, two shares open: %v", err)
	}
	if err := errors.Join(one.Close(), two.Close()); err != nil {
		t.Error(err)
	}
	if err := a.Send(big(), false); !errors.Is(err, net.ErrClosed) {
		t.Errorf("the association, no share open: %v", err)
	}
}

// TestSCTPParts: a receive buffer that has no room for a message has it
// delivered in parts.
func TestSCTPParts(t *testing.T) {
	needSCTP(t)
	a, b := listenAndDial(t, wire.SCTP, local4, channels.Options{RcvBuf: 20000})
	defer a.Close()
	defer b.Close()
	const count = 4
	sent := make(chan error, 1)
	go func() {
		var out channels.SendBatch
		for seq := range wire.Seq(count) {
			channeltest.Add(&out, 2*seq, wire.MaxMessageSize)
			channeltest.Add(&out, 2*seq+1, 100)
		}
		sent <- errors.Join(a.Send(&out, true), a.CloseWrite())
	}()
	b.SetReadDeadline(time.Now().Add(40 * time.Second))
	var in channels.ReceiveBatch
	next := wire.Seq(0)
	for {
		err := b.Receive(&in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range in.Msgs {
			d, err := wire.ParseData(in.Bytes(i))
			if err != nil || d.Seq != next || len(in.Bytes(i)) != [...]int{wire.MaxMessageSize, 100}[next%2] {
				t.Fatalf("message %d: %d bytes, %v", next, len(in.Bytes(i)), err)
			}
			next++
		}
	}
	if err := <-sent; err != nil || next != 2*count {
		t.Errorf("%d messages, %v", next, err)
	}
}

// TestSCTPUnordered: the receiver is told which messages did not wait.
func TestSCTPUnordered(t *testing.T) {
	needSCTP(t)
	a, b := listenAndDial(t, wire.SCTP, local4, channels.Options{})
	defer a.Close()
	defer b.Close()
	out := channels.SendBatch{Limit: channels.Limit{Kind: channels.Lifetime, Value: 60000}}
	kinds := []channels.Delivery{0, channels.Unordered, channels.Unreliable, channels.Unordered | channels.Unreliable}
	for seq := range wire.Seq(8) {
		channeltest.Add(&out, seq, 100)
		out.Delivery = append(out.Delivery, kinds[seq%4])
	}
	if err := a.Send(&out, true); err != nil {
		t.Fatal(err)
	}
	b.SetReadDeadline(time.Now().Add(20 * time.Second))
	var in channels.ReceiveBatch
	for got := 0; got < 8; {
		if err := b.Receive(&in); err != nil {
			t.Fatal(err)
		}
		for i, m := range in.Msgs {
			d, err := wire.ParseData(in.Bytes(i))
			if want := kinds[d.Seq%4]&channels.Unordered != 0; err != nil || m.Unordered != want {
				t.Errorf("message %d: unordered %v, expected %v (%v)", d.Seq, m.Unordered, want, err)
			}
			got++
		}
	}
	in.Release()
}
