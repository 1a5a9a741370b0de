//go:build !linux

package channels

import "netperfmeter/wire"

func probeMPTCP() error { return unsupported(wire.MPTCP, "on this system") }

func probeOffloads() []Feature {
	return []Feature{
		{"GSO", ErrUnsupported}, {"GRO", ErrUnsupported},
		{"sendmmsg", ErrUnsupported}, {"recvmmsg", ErrUnsupported}, {timeStamps, ErrUnsupported},
	}
}
