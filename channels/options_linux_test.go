package channels_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

var (
	ctx    = context.Background()
	local4 = netip.MustParseAddr("127.0.0.1")
	any4   = netip.MustParseAddrPort("127.0.0.1:0")
)

// streams returns the stream transports that there are.
func streams(t *testing.T) []wire.Protocol {
	p := []wire.Protocol{wire.TCP}
	if err := channels.Available(wire.MPTCP); err != nil {
		t.Logf("without MPTCP: %v", err)
		return p
	}
	return append(p, wire.MPTCP)
}

// TestProtocols looks at what the sockets really are, also if the environment
// makes Go prefer MPTCP.
func TestProtocols(t *testing.T) {
	t.Setenv("GODEBUG", "multipathtcp=1")
	for _, p := range streams(t) {
		a, b := listenAndDial(t, p, local4, channels.Options{})
		for _, c := range []channels.Conn{a, b} {
			if got := channels.Sockopt(t, c, unix.SOL_SOCKET, unix.SO_PROTOCOL); got != int(p) {
				t.Errorf("%s: the socket's protocol is %d", p, got)
			}
			if got := channels.SpeaksMPTCP(t, c); got != (p == wire.MPTCP) {
				t.Errorf("%s: MPTCP is in use: %v", p, got)
			}
			if got := channels.Sockopt(t, c, unix.SOL_SOCKET, unix.SO_KEEPALIVE); got != 0 {
				t.Errorf("%s: data channels have keepalives", p)
			}
			c.Close()
		}
	}
}

// TestPlainTCPAtMPTCP connects a TCP client to an MPTCP listener.
func TestPlainTCPAtMPTCP(t *testing.T) {
	if err := channels.Available(wire.MPTCP); err != nil {
		t.Skip(err)
	}
	l, err := channels.Listen(ctx, wire.MPTCP, any4, channels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := channels.Dial(ctx, wire.TCP, l.Addr(), channels.Options{})
	b := met(t, a, err, l.Accept)
	if err := a.Send(messages(100, 1000), true); err != nil {
		t.Fatal(err)
	}
	collect(t, b, 100, func(*channels.ReceiveBatch) {})
}

func TestNoDelay(t *testing.T) {
	for _, p := range streams(t) {
		for _, on := range []bool{false, true} {
			a, b := listenAndDial(t, p, local4, channels.Options{NoDelay: on})
			for _, c := range []channels.Conn{a, b} {
				if got := channels.Sockopt(t, c, unix.IPPROTO_TCP, unix.TCP_NODELAY); (got != 0) != on {
					t.Errorf("%s: TCP_NODELAY is %d, asked for %v", p, got, on)
				}
				if err := c.Apply(channels.Options{NoDelay: !on}); err != nil {
					t.Fatal(err)
				}
				if got := channels.Sockopt(t, c, unix.IPPROTO_TCP, unix.TCP_NODELAY); (got != 0) == on {
					t.Errorf("%s: TCP_NODELAY is %d, applied %v", p, got, !on)
				}
				c.Close()
			}
		}
	}
}

func TestCongestionControl(t *testing.T) {
	for _, p := range streams(t) {
		a, b := listenAndDial(t, p, local4, channels.Options{CongestionControl: "reno"})
		defer a.Close()
		defer b.Close()
		for _, c := range []channels.Conn{a, b} {
			if _, _, cc := channels.Granted(c); cc != "reno" {
				t.Errorf("%s: congestion control %q", p, cc)
			}
		}
		err := b.Apply(channels.Options{CongestionControl: "nonsense"})
		var unknown *channels.CongestionControlError
		if !errors.As(err, &unknown) || !strings.Contains(err.Error(), "reno") || !strings.Contains(err.Error(), "nonsense") {
			t.Errorf("%s: Apply of an unknown congestion control: %v", p, err)
		}
		if _, err := channels.Dial(ctx, p, a.RemoteAddr(), channels.Options{CongestionControl: "nonsense"}); !errors.As(err, &unknown) {
			t.Errorf("%s: Dial with an unknown congestion control: %v", p, err)
		}
		if _, err := channels.Listen(ctx, p, any4, channels.Options{CongestionControl: "nonsense"}); !errors.As(err, &unknown) {
			t.Errorf("%s: Listen with an unknown congestion control: %v", p, err)
		}
	}
}

func TestBuffers(t *testing.T) {
	const snd, rcv, tooMuch = 70000, 90000, 1 << 30
	refused := func(what string, err error, option string) {
		t.Helper()
		var e *channels.BufferError
		if !errors.As(err, &e) || e.Option != option || e.Asked != tooMuch || e.Granted >= tooMuch {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, p := range streams(t) {
		a, b := listenAndDial(t, p, local4, channels.Options{SndBuf: snd, RcvBuf: rcv})
		for _, c := range []channels.Conn{a, b} {
			if s, r, _ := channels.Granted(c); s != 2*snd || r != 2*rcv {
				t.Errorf("%s: granted %d and %d", p, s, r)
			}
			refused(p.String(), c.Apply(channels.Options{SndBuf: tooMuch}), "SO_SNDBUF")
			refused(p.String(), c.Apply(channels.Options{RcvBuf: tooMuch}), "SO_RCVBUF")
			c.Close()
		}
		_, err := channels.Dial(ctx, p, a.RemoteAddr(), channels.Options{RcvBuf: tooMuch})
		refused(p.String(), err, "SO_RCVBUF")
	}
	a, s := dialUDP(t, local4, local4, channels.Options{SndBuf: snd, RcvBuf: rcv})
	defer a.Close()
	defer s.Close()
	if s, r, cc := channels.Granted(a); s != 2*snd || r != 2*rcv || cc != "" {
		t.Errorf("UDP: granted %d and %d, congestion control %q", s, r, cc)
	}
	refused("UDP", a.Apply(channels.Options{RcvBuf: tooMuch}), "SO_RCVBUF")
	// The largest wish of the flows at a shared socket holds.
	for _, wish := range []int{rcv - 1, rcv + 500, rcv - 500, 0} {
		if err := s.Apply(channels.Options{RcvBuf: wish}); err != nil {
			t.Fatal(err)
		}
	}
	if s, r, _ := channels.Granted(s.Conn); s != 2*snd || r != 2*(rcv+500) {
		t.Errorf("UDP peer: granted %d and %d", s, r)
	}
	refused("UDP peer", s.Apply(channels.Options{RcvBuf: tooMuch}), "SO_RCVBUF")
}

func TestMPTCPDisabled(t *testing.T) {
	if err := channels.Available(wire.MPTCP); err != nil {
		t.Skip(err)
	}
	isolate(t, 65536)
	sysctl(t, "net/mptcp/enabled", "0")
	l, err := channels.Listen(ctx, wire.TCP, any4, channels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, dial := channels.Dial(ctx, wire.MPTCP, l.Addr(), channels.Options{})
	_, listen := channels.Listen(ctx, wire.MPTCP, any4, channels.Options{})
	_, dialControl := channels.DialControl(ctx, wire.MPTCP, l.Addr(), channels.Options{})
	_, listenControl := channels.ListenControl(ctx, wire.MPTCP, any4, channels.Options{})
	for what, err := range map[string]error{
		"Dial": dial, "Listen": listen, "DialControl": dialControl, "ListenControl": listenControl,
		"Available": channels.Available(wire.MPTCP),
	} {
		if !errors.Is(err, channels.ErrMPTCPDisabled) {
			t.Errorf("%s: %v, expected %v", what, err, channels.ErrMPTCPDisabled)
		}
	}
}

// TestSmallMTU sends runs whose datagrams the path cannot carry whole: they are
// fragmented, and none is lost or sent twice.
func TestSmallMTU(t *testing.T) {
	for _, o := range offloadCases {
		t.Run(o.name, func(t *testing.T) {
			isolate(t, 1500)
			a, s := dialUDP(t, local4, local4, channels.Options{Offloads: o.offloads, RcvBuf: 400000})
			defer a.Close()
			defer s.Close()
			for _, size := range []int{1472, 1473, 1400, 4000, 1400} {
				if err := a.Send(messages(20, size), true); err != nil {
					t.Fatalf("%d bytes: %v", size, err)
				}
				collect(t, s, 20, func(*channels.ReceiveBatch) {})
			}
			if n := channels.Events(a).Fallbacks; (n > 0) != (hasGSO() && !o.offloads.NoGSO) {
				t.Errorf("runs were refused %d times", n)
			}
		})
	}
}

func hasGSO() bool {
	for _, f := range channels.Probe().Offloads {
		if f.Name == "GSO" {
			return f.Err == nil
		}
	}
	return false
}

// TestDialEnds sees a Dial end with its context, in the middle of it.
func TestDialEnds(t *testing.T) {
	for _, p := range streams(t) {
		isolate(t, 65536)
		// A listener whose queue is full answers no more.
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Addr: local4.As4()}), unix.Listen(fd, 0)); err != nil {
			t.Fatal(err)
		}
		name, err := unix.Getsockname(fd)
		if err != nil {
			t.Fatal(err)
		}
		at := netip.AddrPortFrom(local4, uint16(name.(*unix.SockaddrInet4).Port))
		var last error
		for range 3 {
			short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			var c channels.Conn
			if c, last = channels.Dial(short, p, at, channels.Options{}); last == nil {
				defer c.Close()
			}
			cancel()
		}
		if last == nil || !errors.Is(last, context.DeadlineExceeded) && !isTimeout(last) {
			t.Errorf("%s: %v, expected the context's end", p, last)
		}
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := channels.Dial(cancelled, p, at, channels.Options{}); err == nil {
			t.Errorf("%s: connected although cancelled", p)
		}
	}
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

func TestRefused(t *testing.T) {
	for _, p := range streams(t) {
		l, err := channels.Listen(ctx, p, any4, channels.Options{})
		if err != nil {
			t.Fatal(err)
		}
		at := l.Addr()
		if _, err := channels.Listen(ctx, p, at, channels.Options{}); !errors.Is(err, unix.EADDRINUSE) {
			t.Errorf("%s at a port in use: %v", p, err)
		}
		l.Close()
		if _, err := channels.Dial(ctx, p, at, channels.Options{}); !errors.Is(err, unix.ECONNREFUSED) {
			t.Errorf("%s to a closed port: %v", p, err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) || channels.IsTemporary(err) {
			t.Errorf("%s: Accept after Close: %v", p, err)
		}
	}
}

// TestLocalAddress dials from a chosen address.
func TestLocalAddress(t *testing.T) {
	from := []netip.Addr{netip.IPv6Loopback(), netip.MustParseAddr("127.0.0.9")}
	for _, p := range append(streams(t), wire.UDP) {
		at := netip.AddrPortFrom(local4, 9)
		if p != wire.UDP {
			l, err := channels.Listen(ctx, p, any4, channels.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			at = l.Addr()
		}
		c, err := channels.Dial(ctx, p, at, channels.Options{Local: from})
		if err != nil {
			t.Fatal(err)
		}
		if c.LocalAddr().Addr() != from[1] || c.RemoteAddr() != at {
			t.Errorf("%s: from %v to %v", p, c.LocalAddr(), c.RemoteAddr())
		}
		c.Close()
		if _, err := channels.Dial(ctx, p, at, channels.Options{Local: from[:1]}); err == nil {
			t.Errorf("%s: IPv4 from an IPv6 address", p)
		}
	}
}

// TestOutOfDescriptors accepts when there is no descriptor left, and again when
// there is.
func TestOutOfDescriptors(t *testing.T) {
	for _, p := range streams(t) {
		l, err := channels.Listen(ctx, p, any4, channels.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		a, err := channels.Dial(ctx, p, l.Addr(), channels.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer a.Close()
		var limit unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		none := limit
		none.Cur = 0
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
			t.Fatal(err)
		}
		_, failed := l.Accept()
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		if !errors.Is(failed, unix.EMFILE) || !channels.IsTemporary(failed) {
			t.Errorf("%s: %v, expected a temporary %v", p, failed, unix.EMFILE)
		}
		b, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		b.Close()
	}
}

func TestProbe(t *testing.T) {
	s := channels.Probe()
	for _, f := range append(s.Transports, s.Offloads...) {
		switch f.Name {
		case "TCP", "UDP":
			if f.Err != nil {
				t.Errorf("%s: %v", f.Name, f.Err)
			}
		case "SCTP", "DCCP", "QUIC":
			if f.Err != nil && (!errors.Is(f.Err, channels.ErrUnsupported) || !strings.Contains(f.Err.Error(), f.Name)) {
				t.Errorf("%s: %v", f.Name, f.Err)
			}
		default:
			t.Logf("%s: %v", f.Name, f.Err)
		}
	}
	for _, p := range []wire.Protocol{wire.SCTP, wire.DCCP, wire.QUIC} {
		if channels.Available(p) == nil {
			continue
		}
		_, dial := channels.Dial(ctx, p, any4, channels.Options{})
		_, listen := channels.Listen(ctx, p, any4, channels.Options{})
		_, dialControl := channels.DialControl(ctx, p, any4, channels.Options{})
		_, listenControl := channels.ListenControl(ctx, p, any4, channels.Options{})
		for _, err := range []error{dial, listen, dialControl, listenControl} {
			if !errors.Is(err, channels.ErrUnsupported) || !strings.Contains(err.Error(), p.String()) {
				t.Errorf("%s: %v", p, err)
			}
		}
	}
}

// TestControl exchanges bytes over a control channel.
func TestControl(t *testing.T) {
	for _, p := range streams(t) {
		l, err := channels.ListenControl(ctx, p, any4, channels.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		a, err := channels.DialControl(ctx, p, l.Addr().(*net.TCPAddr).AddrPort(), channels.Options{Local: []netip.Addr{local4}})
		b := met(t, a, err, l.Accept)
		if _, err := a.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 5)
		if _, err := b.Read(got); err != nil || string(got) != "hello" {
			t.Errorf("%s: %q, %v", p, got, err)
		}
	}
}
