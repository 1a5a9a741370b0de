package channels_test

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/wire"
)

// needDCCP skips the test where the kernel has none; the virtual machine's has.
func needDCCP(t testing.TB) {
	t.Helper()
	if err := channels.Available(wire.DCCP); err != nil {
		t.Skip(err)
	}
}

// TestDCCPKeepsTheContract runs over loopback, whose MTU makes messages as long
// as they get. Filling the queue is left to the stand-in, since what nobody
// receives gets lost behind it; so are allocations, since the queue is too short
// for that test, and sending in both directions at once, where Linux 6.1 loses a
// message now and then.
func TestDCCPKeepsTheContract(t *testing.T) {
	needDCCP(t)
	for name, at := range addresses(t) {
		for _, o := range []struct {
			name    string
			options channels.Options
		}{
			{"", channels.Options{}},
			{" one by one", channels.Options{Offloads: channels.Offloads{NoMmsg: true}}},
		} {
			t.Run(name+o.name, func(t *testing.T) {
				a, b := listenAndDial(t, wire.DCCP, at, o.options)
				longest := channels.MessageLimit(a)
				a.Close()
				b.Close()
				channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
					return listenAndDial(t, wire.DCCP, at, o.options)
				}, channeltest.Traits{Datagrams: true, Longest: longest, Loses: true, Allocates: true})
			})
		}
	}
}

func TestDCCPStandInKeepsTheContract(t *testing.T) {
	for name, o := range map[string]channels.Options{"": {}, "one by one": {Offloads: channels.Offloads{NoMmsg: true}}} {
		t.Run(name, func(t *testing.T) {
			channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
				return channels.DCCPStandIn(t, o)
			}, channeltest.Traits{Datagrams: true, Longest: wire.MaxMessageSize - 1, Fills: true})
		})
	}
}

// TestFullDCCPQueue waits for a queue that stays full without asking all the
// time, and stops when it is told to.
func TestFullDCCPQueue(t *testing.T) {
	channeltest.CheckLeaks(t)
	c, tries := channels.FullDCCP(t)
	if err := c.Send(messages(3, 100), false); !errors.Is(err, channels.ErrWouldBlock) || tries.Load() != 1 {
		t.Errorf("without waiting: %v after %d tries", err, tries.Load())
	}
	const wait = 300 * time.Millisecond
	if err := c.SetWriteDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	tries.Store(0)
	if err := c.Send(messages(3, 100), true); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("with a deadline: %v", err)
	}
	if n := tries.Load(); n < 2 || n > int64(wait/time.Millisecond) {
		t.Errorf("%d tries in %v", n, wait)
	}
	if err := c.SetWriteDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Send(messages(3, 100), true) }()
	for tries.Store(0); tries.Load() == 0; {
		time.Sleep(time.Millisecond)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

// TestDCCPEnd: what came before the peer's end is received, then the end, as
// often as it is asked for.
func TestDCCPEnd(t *testing.T) {
	pairs := map[string]func(t *testing.T) (a, b channels.Conn){
		"stand-in": func(t *testing.T) (a, b channels.Conn) { return channels.DCCPStandIn(t, channels.Options{}) },
	}
	if channels.Available(wire.DCCP) == nil {
		pairs["kernel"] = func(t *testing.T) (a, b channels.Conn) {
			return listenAndDial(t, wire.DCCP, local4, channels.Options{})
		}
	}
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			channeltest.CheckLeaks(t)
			a, b := pair(t)
			defer b.Close()
			if err := errors.Join(a.Send(messages(5, 100), true), b.SetReadDeadline(time.Now().Add(20*time.Second))); err != nil {
				t.Fatal(err)
			}
			var in channels.ReceiveBatch
			if err := b.Receive(&in); err != nil { // they are not waiting in a's queue any more
				t.Fatal(err)
			}
			got := len(in.Msgs)
			for got < 5 {
				if err := b.Receive(&in); err != nil {
					t.Fatal(err)
				}
				got += len(in.Msgs)
			}
			a.Close()
			for range 2 {
				if err := b.Receive(&in); !errors.Is(err, io.EOF) {
					t.Errorf("after the end: %v, expected %v", err, io.EOF)
				}
			}
			if err := b.Send(messages(1, 100), true); !errors.Is(err, unix.EPIPE) {
				t.Errorf("sending after the peer's end: %v, expected %v", err, unix.EPIPE)
			}
		})
	}
}

func TestDCCPMessageSize(t *testing.T) {
	needDCCP(t)
	isolate(t, 1500)
	a, b := listenAndDial(t, wire.DCCP, local4, channels.Options{})
	defer a.Close()
	defer b.Close()
	limit := channels.MessageLimit(a)
	if limit < 1400 || limit > 1460 {
		t.Errorf("%d bytes fit into a packet of 1500", limit)
	}
	err := a.Send(messages(1, limit+1), true)
	var long *channels.MessageSizeError
	if !errors.As(err, &long) || long.Limit != limit || long.Size != limit+1 {
		t.Errorf("one byte more: %v", err)
	}
	if err := a.Send(messages(1, limit), true); err != nil {
		t.Error(err)
	}
	collect(t, b, 1, func(*channels.ReceiveBatch) {})
}

// TestCCID: the side that dials chooses, and both directions have it.
func TestCCID(t *testing.T) {
	needDCCP(t)
	for _, ccid := range []uint8{2, 3} {
		l, err := channels.Listen(ctx, wire.DCCP, any4, channels.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		a, err := channels.Dial(ctx, wire.DCCP, l.Addr(), channels.Options{CCID: ccid})
		var missing *channels.CongestionControlError
		if errors.As(err, &missing) {
			t.Logf("the kernel lacks it: %v", err)
			continue
		}
		b := met(t, a, err, l.Accept)
		// The answer to the handshake's last packet ends the negotiation.
		if err := a.Send(messages(1, 100), true); err != nil {
			t.Fatal(err)
		}
		collect(t, b, 1, func(*channels.ReceiveBatch) {})
		for _, c := range []channels.Conn{a, b} {
			if _, _, cc := channels.Granted(c); cc != "CCID "+string('0'+rune(ccid)) {
				t.Errorf("asked for CCID %d, got %s", ccid, cc)
			}
		}
		if err := b.Apply(channels.Options{CCID: ccid}); err != nil {
			t.Error(err)
		}
		if err := b.Apply(channels.Options{CCID: 5 - ccid}); !errors.As(err, &missing) {
			t.Errorf("another CCID: %v", err)
		}
	}
	_, err := channels.Dial(ctx, wire.DCCP, netip.AddrPortFrom(local4, 9), channels.Options{CCID: 200})
	var unknown *channels.CongestionControlError
	if !errors.As(err, &unknown) || !strings.Contains(err.Error(), `"CCID 200": unknown to this kernel`) || !strings.Contains(err.Error(), "CCID 2") {
		t.Errorf("CCID 200: %v", err)
	}
}

// TestNoDCCP: a kernel without it says so, and what to do.
func TestNoDCCP(t *testing.T) {
	if channels.Available(wire.DCCP) == nil {
		t.Skip("this kernel has DCCP")
	}
	_, dial := channels.Dial(ctx, wire.DCCP, any4, channels.Options{})
	_, listen := channels.Listen(ctx, wire.DCCP, netip.MustParseAddrPort("[::]:0"), channels.Options{})
	for what, err := range map[string]error{"Available": channels.Available(wire.DCCP), "Dial": dial, "Listen": listen} {
		if !errors.Is(err, channels.ErrUnsupported) || !strings.Contains(err.Error(), "modprobe dccp_ipv4") {
			t.Errorf("%s: %v", what, err)
		}
	}
}
