//go:build !linux

package channels

import "netperfmeter/wire"

func probeMPTCP() error { return linuxOnly(wire.MPTCP) }

func probeOffloads() []Feature {
	return []Feature{
		{"GSO", ErrUnsupported}, {"GRO", ErrUnsupported},
		{"sendmmsg", ErrUnsupported}, {"recvmmsg", ErrUnsupported}, {timeStamps, ErrUnsupported},
	}
}
