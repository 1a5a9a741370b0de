//go:build !linux

package channels

import (
	"context"
	"net"
	"net/netip"

	"netperfmeter/wire"
)

func dialMPTCP(context.Context, netip.AddrPort, Options) (Conn, error) {
	return nil, linuxOnly(wire.MPTCP)
}

func listenMPTCP(context.Context, netip.AddrPort, Options) (Listener, error) {
	return nil, linuxOnly(wire.MPTCP)
}

func dialMPTCPControl(context.Context, netip.AddrPort, Options) (net.Conn, error) {
	return nil, linuxOnly(wire.MPTCP)
}

func listenMPTCPControl(context.Context, netip.AddrPort, Options) (net.Listener, error) {
	return nil, linuxOnly(wire.MPTCP)
}
