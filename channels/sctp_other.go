//go:build !linux

package channels

import (
	"context"
	"net"
	"net/netip"

	"netperfmeter/wire"
)

func dialSCTP(context.Context, netip.AddrPort, Options) (Conn, error) {
	return nil, linuxOnly(wire.SCTP)
}
func listenSCTP(context.Context, netip.AddrPort, Options) (Listener, error) {
	return nil, linuxOnly(wire.SCTP)
}
func dialSCTPControl(context.Context, netip.AddrPort, Options) (net.Conn, error) {
	return nil, linuxOnly(wire.SCTP)
}
func listenSCTPControl(context.Context, netip.AddrPort, Options) (net.Listener, error) {
	return nil, linuxOnly(wire.SCTP)
}
func probeSCTP() error { return linuxOnly(wire.SCTP) }
