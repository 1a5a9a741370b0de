package channels

import (
	"context"
	"fmt"
	"net"
	"net/netip"

	"netperfmeter/wire"
)

// A transport is what is there of one. A nil function is not there.
type transport struct {
	dial          func(ctx context.Context, remote netip.AddrPort, o Options) (Conn, error)
	listen        func(ctx context.Context, local netip.AddrPort, o Options) (Listener, error)
	dialControl   func(ctx context.Context, remote netip.AddrPort, o Options) (net.Conn, error)
	listenControl func(ctx context.Context, local netip.AddrPort, o Options) (net.Listener, error)
	probe         func() error // nil: works everywhere
}

// transports has a row for every transport, even if there is nothing in it.
var transports = map[wire.Protocol]transport{
	wire.TCP:   {dial: dialTCP, listen: listenTCP, dialControl: dialTCPControl, listenControl: listenTCPControl},
	wire.MPTCP: {dial: dialMPTCP, listen: listenMPTCP, dialControl: dialMPTCPControl, listenControl: listenMPTCPControl, probe: probeMPTCP},
	wire.UDP:   {dial: dialUDP}, // the passive side has one socket for all: ListenUDP
	wire.SCTP:  {dial: dialSCTP, listen: listenSCTP, dialControl: dialSCTPControl, listenControl: listenSCTPControl, probe: probeSCTP},
	wire.DCCP:  {dial: dialDCCP, listen: listenDCCP, probe: probeDCCP},
	wire.QUIC:  {},
}

// Dial connects a data channel. It returns early with ctx's error when ctx
// ends. Buffers are set before the connection is made, so that its window
// scaling suits them.
func Dial(ctx context.Context, p wire.Protocol, remote netip.AddrPort, o Options) (Conn, error) {
	dial := transports[p].dial
	if dial == nil {
		return nil, unsupported(p, "data channel")
	}
	c, err := dial(ctx, unmap(remote), o)
	if err != nil {
		return nil, fmt.Errorf("%s to %s: %w", p, remote, err)
	}
	return c, nil
}

// Listen takes data channels at local; port 0 lets the system choose one. An
// IPv6 wildcard takes IPv4 as well unless o.V6Only is set. SCTP listens at
// o.Local as well. Accepted channels have o's options. UDP: see ListenUDP.
func Listen(ctx context.Context, p wire.Protocol, local netip.AddrPort, o Options) (Listener, error) {
	listen := transports[p].listen
	if listen == nil {
		return nil, unsupported(p, "listener")
	}
	l, err := listen(ctx, unmap(local), o)
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", p, local, err)
	}
	return l, nil
}

// DialControl connects a control channel: a byte stream that package control
// talks over. It breaks when the peer's host has gone (Options.PeerTimeout), and
// Nagle's algorithm is off whatever o says.
func DialControl(ctx context.Context, p wire.Protocol, remote netip.AddrPort, o Options) (net.Conn, error) {
	dial := transports[p].dialControl
	if dial == nil {
		return nil, unsupported(p, "control channel")
	}
	o.NoDelay = true
	c, err := dial(ctx, unmap(remote), o)
	if err != nil {
		return nil, fmt.Errorf("control over %s to %s: %w", p, remote, err)
	}
	return lifeline(c, o.peerTimeout()), nil
}

// ListenControl takes control channels at local, see DialControl and Listen.
func ListenControl(ctx context.Context, p wire.Protocol, local netip.AddrPort, o Options) (net.Listener, error) {
	listen := transports[p].listenControl
	if listen == nil {
		return nil, unsupported(p, "control listener")
	}
	o.NoDelay = true
	l, err := listen(ctx, unmap(local), o)
	if err != nil {
		return nil, fmt.Errorf("control over %s at %s: %w", p, local, err)
	}
	return lifelineListener{l, o.peerTimeout()}, nil
}

func unsupported(p wire.Protocol, what string) error {
	return fmt.Errorf("%s %s: %w", p, what, ErrUnsupported)
}
