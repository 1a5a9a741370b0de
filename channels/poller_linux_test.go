package channels_test

import (
	"errors"
	"fmt"
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

// newPoller returns a Poller that ends with the test.
func newPoller(t testing.TB) *channels.Poller {
	t.Helper()
	p, err := channels.NewPoller()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// A servedConn receives by Serve, which it ends after each batch.
type servedConn struct {
	channels.Conn
	source channels.Source
}

// A taker is a channels.Taker.
type taker func(*channels.ReceiveBatch, error) error

func (f taker) Take(b *channels.ReceiveBatch, err error) error { return f(b, err) }

var errEnough = errors.New("one batch is enough")

func (s servedConn) Receive(b *channels.ReceiveBatch) error {
	var result error
	b.Release()
	served, err := channels.Serve(s.source, taker(func(got *channels.ReceiveBatch, err error) error {
		b.Buf, b.Msgs = append(b.Buf, got.Buf...), append(b.Msgs, got.Msgs...)
		b.Peers, b.Locals = append(b.Peers, got.Peers...), append(b.Locals, got.Locals...)
		b.KernelTime, result = got.KernelTime, err
		return errEnough
	}))
	if !served || !errors.Is(err, errEnough) {
		return fmt.Errorf("served %v: %w", served, err)
	}
	return result
}

// adopted puts c, or the socket behind a peer, into a Poller's care.
func adopted(t testing.TB, p *channels.Poller, c channels.Conn, serve bool) channels.Conn {
	t.Helper()
	var source channels.Source = c
	var err error
	if b, ok := c.(peer); ok {
		source, err = b.socket, b.socket.Adopt(p)
	} else {
		err = channels.Adopt(c, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	if serve {
		return servedConn{c, source}
	}
	return c
}

func TestAdoptedKeepTheContract(t *testing.T) {
	at := netip.MustParseAddr("127.0.0.1")
	for _, serve := range []bool{false, true} {
		name := map[bool]string{false: "received", true: "served"}[serve]
		for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP} {
			if err := channels.Available(p); err != nil {
				t.Logf("without %s: %v", p, err)
				continue
			}
			t.Run(p.String()+" "+name, func(t *testing.T) {
				channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
					poller := newPoller(t)
					a, b = listenAndDial(t, p, at, channels.Options{})
					return adopted(t, poller, a, serve), adopted(t, poller, b, serve)
				}, channeltest.Traits{Fills: true, Allocates: serve})
			})
		}
		for reverse, direction := range []string{"active to passive", "passive to active"} {
			t.Run("UDP "+direction+" "+name, func(t *testing.T) {
				channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
					poller := newPoller(t)
					c, s := dialUDP(t, at, at, channels.Options{})
					a, b = adopted(t, poller, c, serve), adopted(t, poller, s, serve)
					if reverse == 1 {
						return b, a
					}
					return a, b
				}, channeltest.Traits{Datagrams: true, Allocates: serve})
			})
		}
		for seed := range uint64(3) {
			t.Run(fmt.Sprintf("TCP %s under faults %d", name, seed), func(t *testing.T) {
				channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
					poller := newPoller(t)
					a, b = channels.FaultyStreams(t, wire.TCP, seed)
					return adopted(t, poller, a, serve), adopted(t, poller, b, serve)
				}, channeltest.Traits{Fills: true, Allocates: true})
			})
		}
	}
}

// TestServeMany has one goroutine receive from many connections, each message
// once and in order, until their ends; one of them ends by Close and one by its
// deadline.
func TestServeMany(t *testing.T) {
	channeltest.CheckLeaks(t)
	const connections, messages = 300, 50
	poller := newPoller(t)
	var senders, receivers []channels.Conn
	for range connections {
		a, b := listenAndDial(t, wire.TCP, netip.MustParseAddr("127.0.0.1"), channels.Options{})
		senders, receivers = append(senders, a), append(receivers, adopted(t, poller, b, false))
	}
	ends := make([]error, connections)
	got := make([]wire.Seq, connections)
	var working sync.WaitGroup
	for i, c := range receivers {
		working.Go(func() {
			_, ends[i] = channels.Serve(c, taker(func(b *channels.ReceiveBatch, err error) error {
				for k := range b.Msgs {
					data, err := wire.OpenData(b.Bytes(k))
					if err != nil || data.Seq() != got[i] {
						return fmt.Errorf("message %d: %w", got[i], err)
					}
					got[i]++
				}
				return err
			}))
		})
	}
	for seq := range wire.Seq(messages) {
		for _, c := range senders {
			var b channels.SendBatch
			b.Buf = make([]byte, 100)
			wire.PutData(b.Buf, 100, &wire.Data{Seq: seq})
			b.Ends = []int{100}
			if err := c.Send(&b, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range senders[2:] {
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	receivers[1].SetReadDeadline(time.Now().Add(500 * time.Millisecond))
	time.AfterFunc(200*time.Millisecond, func() { receivers[0].Close() })
	working.Wait()
	for i, err := range ends {
		want := io.EOF
		switch i {
		case 0:
			want = net.ErrClosed
		case 1:
			want = os.ErrDeadlineExceeded
		}
		if !errors.Is(err, want) {
			t.Errorf("connection %d ended with %v, expected %v", i, err, want)
		}
		if i > 1 && got[i] != messages {
			t.Errorf("connection %d brought %d of %d messages", i, got[i], messages)
		}
	}
	for i := range connections {
		senders[i].Close()
		receivers[i].Close()
	}
}

// TestServeOthers leaves alone what no Poller has.
func TestServeOthers(t *testing.T) {
	a, b := listenAndDial(t, wire.TCP, netip.MustParseAddr("127.0.0.1"), channels.Options{})
	defer a.Close()
	defer b.Close()
	served, err := channels.Serve(a, taker(func(*channels.ReceiveBatch, error) error {
		t.Error("called")
		return nil
	}))
	if served || err != nil {
		t.Errorf("served %v, %v", served, err)
	}
}

// TestAdoptWhileClosing closes connections while they are adopted: they end
// closed, without an open descriptor.
func TestAdoptWhileClosing(t *testing.T) {
	channeltest.CheckLeaks(t)
	poller := newPoller(t)
	for range 200 {
		a, b := listenAndDial(t, wire.TCP, netip.MustParseAddr("127.0.0.1"), channels.Options{})
		var working sync.WaitGroup
		working.Go(func() { b.Close() })
		working.Go(func() { channels.Adopt(b, poller) })
		working.Wait()
		var batch channels.ReceiveBatch
		if err := b.Receive(&batch); !errors.Is(err, net.ErrClosed) {
			t.Fatalf("receiving from a closed connection: %v", err)
		}
		a.Close()
	}
}
