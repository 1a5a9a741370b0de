//go:build !linux

package channels

import (
	"context"
	"net/netip"

	"netperfmeter/wire"
)

func dialDCCP(context.Context, netip.AddrPort, Options) (Conn, error) { return nil, probeDCCP() }

func listenDCCP(context.Context, netip.AddrPort, Options) (Listener, error) {
	return nil, probeDCCP()
}

func probeDCCP() error { return unsupported(wire.DCCP, "on this system") }
