package channels_test

import (
	"errors"
	"io"
	"net/netip"
	"slices"
	"syscall"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/wire"
)

// TestSCTPControl talks over control channels.
func TestSCTPControl(t *testing.T) {
	needSCTP(t)
	channeltest.CheckLeaks(t)
	l, err := channels.ListenControl(ctx, wire.SCTP, any4, channels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := channels.DialControl(ctx, wire.SCTP, netip.MustParseAddrPort(l.Addr().String()), channels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if peers := channels.PeerAddresses(s); len(peers) == 0 || !slices.Contains(peers, local4) {
		t.Errorf("peers %v", peers)
	}
	two := append(wire.Stop{Measurement: 7}.Append(nil), wire.RemoveFlow{}.Append(nil)...)
	if n, err := c.Write(two); n != len(two) || err != nil {
		t.Fatal(n, err)
	}
	s.SetReadDeadline(time.Now().Add(20 * time.Second))
	got := make([]byte, len(two))
	for n := 0; n < len(two); {
		m, err := s.Read(got[n:min(n+5, len(two))])
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	if string(got) != string(two) {
		t.Errorf("%x\n%x", got, two)
	}
	if _, err := c.Write(two[:10]); err == nil {
		t.Error("a part of a message was taken")
	}
	c.Close()
	if _, err := s.Read(got); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v", err)
	}
}

// TestSCTPDialRefused: where nobody listens the attempt ends at once, and is
// not begun anew.
func TestSCTPDialRefused(t *testing.T) {
	needSCTP(t)
	_, err := channels.Dial(ctx, wire.SCTP, netip.MustParseAddrPort("127.0.0.1:9"), channels.Options{})
	if !errors.Is(err, syscall.ECONNREFUSED) {
		t.Error(err)
	}
}

// TestSCTPAddresses binds to several addresses, of both IP versions, on both
// sides; the ends find each other whichever is dialled.
func TestSCTPAddresses(t *testing.T) {
	needSCTP(t)
	addrs := []netip.Addr{local4, netip.MustParseAddr("127.0.0.2"), netip.IPv6Loopback()}
	l, err := channels.Listen(ctx, wire.SCTP, netip.AddrPortFrom(addrs[0], 0), channels.Options{Local: addrs})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Addr().Addr() != addrs[0] {
		t.Errorf("listening at %v", l.Addr())
	}
	for _, at := range addrs {
		a, err := channels.Dial(ctx, wire.SCTP, netip.AddrPortFrom(at, l.Addr().Port()), channels.Options{Local: addrs})
		if err != nil {
			t.Fatal(err)
		}
		b, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if a.RemoteAddr().Port() != l.Addr().Port() || b.RemoteAddr().Port() != a.LocalAddr().Port() {
			t.Errorf("%v: %v to %v, %v from %v", at, a.LocalAddr(), a.RemoteAddr(), b.LocalAddr(), b.RemoteAddr())
		}
		a.Close()
		b.Close()
	}
	_, err = channels.Dial(ctx, wire.SCTP, l.Addr(), channels.Options{Local: []netip.Addr{netip.IPv6Loopback()}})
	if err == nil {
		t.Error("dialled an IPv4 address from IPv6 addresses alone")
	}
}

// TestSCTPWithoutKernel: a kernel that has no SCTP says so.
func TestSCTPWithoutKernel(t *testing.T) {
	err := channels.Available(wire.SCTP)
	if err == nil {
		t.Skip("this kernel has SCTP")
	}
	if !errors.Is(err, channels.ErrUnsupported) {
		t.Error(err)
	}
	for _, dial := range []func() error{
		func() error { _, err := channels.Dial(ctx, wire.SCTP, any4, channels.Options{}); return err },
		func() error { _, err := channels.Listen(ctx, wire.SCTP, any4, channels.Options{}); return err },
		func() error { _, err := channels.DialControl(ctx, wire.SCTP, any4, channels.Options{}); return err },
		func() error { _, err := channels.ListenControl(ctx, wire.SCTP, any4, channels.Options{}); return err },
	} {
		if err := dial(); !errors.Is(err, channels.ErrUnsupported) {
			t.Error(err)
		}
	}
}
