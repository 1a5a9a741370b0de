package channels_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/wire"
)

// messages returns a batch of count messages of the given size.
func messages(count, size int) *channels.SendBatch {
	b := new(channels.SendBatch)
	for seq := range wire.Seq(count) {
		channeltest.Add(b, seq, size)
	}
	return b
}

// receiver is what has a Receive.
type receiver interface {
	Receive(b *channels.ReceiveBatch) error
	SetReadDeadline(t time.Time) error
}

// collect receives messages 0 to count-1, each once, and looks at each batch.
func collect(t *testing.T, r receiver, count int, look func(b *channels.ReceiveBatch)) {
	t.Helper()
	if err := r.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var b channels.ReceiveBatch
	come := make([]bool, count) // in whatever order: datagrams can overtake each other
	for got := 0; got < count; got += len(b.Msgs) {
		if err := r.Receive(&b); err != nil {
			t.Fatalf("after %d messages of %d: %v", got, count, err)
		}
		for i := range b.Msgs {
			d, err := wire.ParseData(b.Bytes(i))
			if err != nil || d.Seq >= wire.Seq(count) || come[d.Seq] {
				t.Fatalf("message %d of %d: sequence number %d, %v", got+i, count, d.Seq, err)
			}
			come[d.Seq] = true
		}
		look(&b)
	}
}

// TestAnswersComeFromWhereTheyAreExpected sends to each of a host's addresses.
// The sender's socket is connected: answers from another address never get
// there.
func TestAnswersComeFromWhereTheyAreExpected(t *testing.T) {
	for _, test := range []struct{ bind, to string }{
		{"0.0.0.0", "127.0.0.1"},
		{"0.0.0.0", "127.0.0.2"},
		{"::", "127.0.0.1"},
		{"::", "127.0.0.3"},
		{"::", "::1"},
		{"127.0.0.2", "127.0.0.2"},
		{"::1", "::1"},
	} {
		t.Run(test.to+" at "+test.bind, func(t *testing.T) {
			bind, to := netip.MustParseAddr(test.bind), netip.MustParseAddr(test.to)
			if bind.Is6() && len(addresses(t)) == 1 {
				t.Skip("without IPv6")
			}
			a, s := dialUDP(t, bind, to, channels.Options{})
			defer a.Close()
			defer s.Close()
			if err := a.Send(messages(3, 100), true); err != nil {
				t.Fatal(err)
			}
			var local netip.Addr
			collect(t, s, 3, func(b *channels.ReceiveBatch) {
				for _, m := range b.Msgs {
					if from := b.Peers[m.Peer]; from != a.LocalAddr() {
						t.Errorf("from %v, expected %v", from, a.LocalAddr())
					}
					local = b.Locals[m.Peer]
				}
			})
			if want := to; bind.IsUnspecified() && local != want || !bind.IsUnspecified() && local.IsValid() {
				t.Errorf("sent to %v, expected %v", local, want)
			}
			answer, err := s.socket.Peer(a.LocalAddr(), local)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := answer.LocalAddr(), a.RemoteAddr(); got != want {
				t.Errorf("answers come from %v, expected %v", got, want)
			}
			if err := answer.Send(messages(200, 300), true); err != nil {
				t.Fatal(err)
			}
			collect(t, a, 200, func(b *channels.ReceiveBatch) {
				if len(b.Peers) != 0 {
					t.Errorf("a connected socket tells sources: %v", b.Peers)
				}
			})
		})
	}
}

// linkLocal returns an IPv6 address that needs a zone.
func linkLocal(t *testing.T) netip.Addr {
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Skip(err)
	}
	for _, i := range interfaces {
		addresses, err := i.Addrs()
		if err != nil || i.Flags&net.FlagUp == 0 {
			continue
		}
		for _, a := range addresses {
			if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is6() && p.Addr().IsLinkLocalUnicast() {
				return p.Addr().WithZone(i.Name)
			}
		}
	}
	t.Skip("no interface with a link-local address")
	return netip.Addr{}
}

func TestLinkLocal(t *testing.T) {
	address := linkLocal(t)
	for _, bind := range []netip.Addr{address, netip.IPv6Unspecified()} {
		a, s := dialUDP(t, bind, address, channels.Options{})
		defer a.Close()
		defer s.Close()
		if err := a.Send(messages(3, 100), true); err != nil {
			t.Fatal(err)
		}
		var from netip.AddrPort
		var to netip.Addr
		collect(t, s, 3, func(b *channels.ReceiveBatch) { from, to = b.Peers[0], b.Locals[0] })
		if from != a.LocalAddr() || (bind != address && to != address) {
			t.Fatalf("from %v to %v, expected %v and %v", from, to, a.LocalAddr(), address)
		}
		answer, err := s.socket.Peer(from, to)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Send(messages(3, 100), true); err != nil {
			t.Fatal(err)
		}
		collect(t, a, 3, func(*channels.ReceiveBatch) {})
	}
	for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP} {
		if channels.Available(p) == nil {
			a, b := listenAndDial(t, p, address, channels.Options{})
			if a.RemoteAddr() != b.LocalAddr() || b.RemoteAddr() != a.LocalAddr() {
				t.Errorf("%s: %v to %v, and back %v to %v", p, a.LocalAddr(), a.RemoteAddr(), b.LocalAddr(), b.RemoteAddr())
			}
			a.Close()
			b.Close()
		}
	}
}

func TestV6Only(t *testing.T) {
	if len(addresses(t)) == 1 {
		t.Skip("without IPv6")
	}
	for _, only := range []bool{false, true} {
		o := channels.Options{V6Only: only}
		for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP} {
			if channels.Available(p) != nil {
				continue
			}
			l, err := channels.Listen(context.Background(), p, netip.MustParseAddrPort("[::]:0"), o)
			if err != nil {
				t.Fatal(err)
			}
			to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), l.Addr().Port())
			c, err := channels.Dial(context.Background(), p, to, channels.Options{})
			if (err != nil) != only {
				t.Errorf("%s, v6only %v: IPv4 gets %v", p, only, err)
			}
			if err == nil {
				accepted, err := l.Accept()
				if err != nil {
					t.Fatal(err)
				}
				if accepted.RemoteAddr() != c.LocalAddr() {
					t.Errorf("%s: from %v, expected %v", p, accepted.RemoteAddr(), c.LocalAddr())
				}
				accepted.Close()
				c.Close()
			}
			l.Close()
		}
		a, s := dialUDP(t, netip.IPv6Unspecified(), netip.IPv6Loopback(), o)
		a.Close()
		to := netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), s.socket.Addr().Port())
		c, err := channels.Dial(context.Background(), wire.UDP, to, channels.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Send(messages(1, 100), true); err != nil {
			t.Fatal(err)
		}
		if err := s.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if err := s.Receive(new(channels.ReceiveBatch)); (err != nil) != only {
			t.Errorf("UDP, v6only %v: %v", only, err)
		}
		c.Close()
		s.Close()
	}
}

// TestSeveralPeers keeps the datagrams of several sources apart.
func TestSeveralPeers(t *testing.T) {
	s, err := channels.ListenUDP(context.Background(), netip.MustParseAddrPort("127.0.0.1:0"), channels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	come := map[netip.AddrPort]map[wire.Seq]bool{}
	var sources []channels.Conn
	for range 5 {
		c, err := channels.Dial(context.Background(), wire.UDP, s.Addr(), channels.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		sources = append(sources, c)
		come[c.LocalAddr()] = map[wire.Seq]bool{}
	}
	for round := range wire.Seq(3) {
		for _, c := range sources {
			b := new(channels.SendBatch)
			for i := range wire.Seq(4) {
				channeltest.Add(b, round*4+i, 60)
			}
			if err := c.Send(b, true); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var b channels.ReceiveBatch
	for got := 0; got < 5*12; got += len(b.Msgs) {
		if err := s.Receive(&b); err != nil {
			t.Fatal(err)
		}
		for i, m := range b.Msgs {
			d, err := wire.ParseData(b.Bytes(i))
			from := b.Peers[m.Peer]
			seen, known := come[from]
			if err != nil || !known || d.Seq >= 12 || seen[d.Seq] {
				t.Fatalf("from %v: %d, %v; have %v", from, d.Seq, err, seen)
			}
			seen[d.Seq] = true
		}
	}
}

func TestArrivalTimes(t *testing.T) {
	for _, none := range []bool{false, true} {
		a, s := dialUDP(t, netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.1"),
			channels.Options{Offloads: channels.Offloads{NoTimestamps: none}})
		defer a.Close()
		defer s.Close()
		before := time.Now()
		if err := a.Send(messages(10, 100), true); err != nil {
			t.Fatal(err)
		}
		sent := time.Now()
		time.Sleep(20 * time.Millisecond)
		collect(t, s, 10, func(b *channels.ReceiveBatch) {
			if b.KernelTime == none {
				t.Errorf("KernelTime is %v with NoTimestamps %v", b.KernelTime, none)
			}
			for _, m := range b.Msgs {
				at := time.Unix(0, m.Time)
				if at.Before(before.Add(-time.Microsecond)) || at.After(time.Now()) || (at.Sub(sent) < 20*time.Millisecond) == none {
					t.Errorf("arrived %v after the call began, %v after it ended; from the kernel: %v", at.Sub(before), at.Sub(sent), b.KernelTime)
				}
			}
		})
	}
}

// TestNobodyListens sends to a port that answers with ICMP errors, and then to
// one who has come meanwhile.
func TestNobodyListens(t *testing.T) {
	for _, o := range offloadCases {
		t.Run(o.name, func(t *testing.T) {
			at := netip.MustParseAddr("127.0.0.1")
			a, s := dialUDP(t, at, at, channels.Options{Offloads: o.offloads})
			defer a.Close()
			s.Close()
			for range 20 {
				b := messages(10, 100)
				b.Ends[3] -= 10 // no single run
				if err := a.Send(b, true); err != nil {
					t.Fatal(err)
				}
				if !b.Done() {
					t.Fatalf("sent %d messages", b.Sent)
				}
			}
			if events := channels.Events(a); events.Refused == 0 {
				t.Error("no ICMP error was counted")
			}
			if err := a.SetReadDeadline(time.Now().Add(10 * time.Millisecond)); err != nil {
				t.Fatal(err)
			}
			if err := a.Receive(new(channels.ReceiveBatch)); err == nil || errors.Is(err, net.ErrClosed) {
				t.Errorf("Receive: %v", err)
			}
			again, err := channels.ListenUDP(context.Background(), a.RemoteAddr(), channels.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			if err := a.Send(messages(10, 100), true); err != nil {
				t.Fatal(err)
			}
			collect(t, again, 10, func(*channels.ReceiveBatch) {})
		})
	}
}
