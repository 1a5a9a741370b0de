//go:build !linux

package channels

import (
	"context"
	"net"
	"net/netip"

	"netperfmeter/wire"
)

func dialMPTCP(context.Context, netip.AddrPort, Options) (Conn, error) {
	return nil, unsupported(wire.MPTCP, "on this system")
}

func listenMPTCP(context.Context, netip.AddrPort, Options) (Listener, error) {
	return nil, unsupported(wire.MPTCP, "on this system")
}

func dialMPTCPControl(context.Context, netip.AddrPort, Options) (net.Conn, error) {
	return nil, unsupported(wire.MPTCP, "on this system")
}

func listenMPTCPControl(context.Context, netip.AddrPort, Options) (net.Listener, error) {
	return nil, unsupported(wire.MPTCP, "on this system")
}
