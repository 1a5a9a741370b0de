//go:build !linux

package channels

import (
	"context"
	"net"
	"net/netip"

	"netperfmeter/wire"
)

func dialSCTP(context.Context, netip.AddrPort, Options) (Conn, error) {
	return nil, unsupported(wire.SCTP, "data channel")
}
func listenSCTP(context.Context, netip.AddrPort, Options) (Listener, error) {
	return nil, unsupported(wire.SCTP, "listener")
}
func dialSCTPControl(context.Context, netip.AddrPort, Options) (net.Conn, error) {
	return nil, unsupported(wire.SCTP, "control channel")
}
func listenSCTPControl(context.Context, netip.AddrPort, Options) (net.Listener, error) {
	return nil, unsupported(wire.SCTP, "control listener")
}
func probeSCTP() error { return unsupported(wire.SCTP, "socket") }
