//go:build !linux

package channels

import (
	"context"
	"fmt"
	"net/netip"

	"netperfmeter/wire"
)

func dialDCCP(context.Context, netip.AddrPort, Options) (Conn, error) { return nil, probeDCCP() }

func listenDCCP(context.Context, netip.AddrPort, Options) (Listener, error) {
	return nil, probeDCCP()
}

func probeDCCP() error { return linuxOnly(wire.DCCP) }

// linuxOnly is the reason on any other system.
func linuxOnly(p wire.Protocol) error {
	return fmt.Errorf("%w: this program has %s on Linux only", ErrUnsupported, p)
}
