package channels_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/wire"
)

// addresses returns loopback of both IP versions, as far as there is IPv6.
func addresses(t testing.TB) map[string]netip.Addr {
	a := map[string]netip.Addr{"IPv4": netip.MustParseAddr("127.0.0.1")}
	l, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Logf("without IPv6: %v", err)
		return a
	}
	l.Close()
	a["IPv6"] = netip.IPv6Loopback()
	return a
}

// met returns the other end of a, which a dialler has returned with err: what
// the listener accepts. Both are closed when the test ends.
func met[C io.Closer](t testing.TB, a C, err error, accept func() (C, error)) (b C) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if b, err = accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

// listenAndDial returns a connected pair of stream Conns.
func listenAndDial(t testing.TB, p wire.Protocol, at netip.Addr, o channels.Options) (a, b channels.Conn) {
	t.Helper()
	l, err := channels.Listen(context.Background(), p, netip.AddrPortFrom(at, 0), o)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if a, err = channels.Dial(context.Background(), p, l.Addr(), o); err != nil {
		t.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestStreamsKeepTheContract(t *testing.T) {
	for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP} {
		if err := channels.Available(p); err != nil {
			t.Logf("without %s: %v", p, err)
			continue
		}
		for name, at := range addresses(t) {
			for _, o := range []struct {
				name    string
				options channels.Options
			}{
				{"", channels.Options{}},
				{" small buffers, no delay", channels.Options{SndBuf: 40000, RcvBuf: 40000, NoDelay: true}},
			} {
				t.Run(p.String()+" "+name+o.name, func(t *testing.T) {
					channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
						return listenAndDial(t, p, at, o.options)
					}, channeltest.Traits{Fills: true})
				})
			}
		}
	}
}

// A peer is both halves of the passive side of a UDP flow.
type peer struct {
	channels.Conn
	socket *channels.UDPSocket
}

func (p peer) Receive(b *channels.ReceiveBatch) error { return p.socket.Receive(b) }
func (p peer) SetReadDeadline(t time.Time) error      { return p.socket.SetReadDeadline(t) }
func (p peer) Close() error                           { return errors.Join(p.Conn.Close(), p.socket.Close()) }

// dialUDP returns a connected UDP Conn and the passive side for it.
func dialUDP(t testing.TB, bind, to netip.Addr, o channels.Options) (a channels.Conn, b peer) {
	t.Helper()
	s, err := channels.ListenUDP(context.Background(), netip.AddrPortFrom(bind, 0), o)
	if err != nil {
		t.Fatal(err)
	}
	if a, err = channels.Dial(context.Background(), wire.UDP, netip.AddrPortFrom(to, s.Addr().Port()), o); err != nil {
		t.Fatal(err)
	}
	c, err := s.Peer(a.LocalAddr(), to)
	if err != nil {
		t.Fatal(err)
	}
	return a, peer{c, s}
}

var offloadCases = []struct {
	name     string
	offloads channels.Offloads
}{
	{"all offloads", channels.Offloads{}},
	{"without GSO", channels.Offloads{NoGSO: true}},
	{"without GRO", channels.Offloads{NoGRO: true}},
	{"without mmsg", channels.Offloads{NoMmsg: true}},
	{"without time stamps", channels.Offloads{NoTimestamps: true}},
	{"without any", channels.Offloads{NoGSO: true, NoGRO: true, NoMmsg: true, NoTimestamps: true}},
}

func TestUDPKeepsTheContract(t *testing.T) {
	for name, at := range addresses(t) {
		for _, o := range offloadCases {
			for reverse, direction := range []string{"active to passive", "passive to active"} {
				t.Run(name+" "+o.name+" "+direction, func(t *testing.T) {
					channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
						a, b = dialUDP(t, at, at, channels.Options{Offloads: o.offloads})
						if reverse == 1 {
							return b, a
						}
						return a, b
					}, channeltest.Traits{Datagrams: true})
				})
			}
		}
	}
}

// TestContractUnderFaults runs the contract while system calls are interrupted,
// cut short and fail.
func TestContractUnderFaults(t *testing.T) {
	for seed := range uint64(3) {
		for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP} {
			if channels.Available(p) != nil {
				continue
			}
			t.Run(fmt.Sprintf("%s %d", p, seed), func(t *testing.T) {
				channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
					return channels.FaultyStreams(t, p, seed)
				}, channeltest.Traits{Fills: true, Allocates: true})
			})
		}
		for reverse, direction := range []string{"active to passive", "passive to active"} {
			t.Run(fmt.Sprintf("UDP %s %d", direction, seed), func(t *testing.T) {
				channeltest.Run(t, func(t testing.TB) (a, b channels.Conn) {
					c, s, p := channels.FaultyUDP(t, seed)
					if reverse == 1 {
						return peer{p, s}, c
					}
					return c, peer{p, s}
				}, channeltest.Traits{Datagrams: true, Allocates: true})
			})
		}
	}
}
