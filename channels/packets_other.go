//go:build !linux

package channels

import (
	"net/netip"

	"golang.org/x/sys/unix"
)

// Without Linux's calls it is one datagram at a time, and no offloads.

type (
	sendArrays    struct{}
	receiveArrays struct{ data []byte }
)

var systemPacketCalls = packetCalls{send: sendPacket, receive: receivePacket}

func newReceiveQueue(data []byte) *receiveQueue {
	return &receiveQueue{system: receiveArrays{data: data[:packetSlotSize]}}
}

func sendPacket(fd int, q *sendQueue) (int, error) {
	message := q.buf[q.pieces[0].start:q.pieces[0].end]
	var err error
	if q.to == nil {
		_, err = unix.Write(fd, message)
	} else {
		err = unix.Sendto(fd, message, 0, q.to.address)
	}
	if err != nil {
		return 0, err
	}
	return 1, nil
}

func receivePacket(fd int, q *receiveQueue) (int, error) {
	n, from, err := unix.Recvfrom(fd, q.system.data, 0)
	if err != nil {
		return 0, err
	}
	a := arrival{end: n}
	if q.family != unix.AF_UNSPEC {
		a.from = q.source(from)
	}
	q.storage[0] = a
	q.arrivals = q.storage[:1]
	return 1, nil
}

func (q *receiveQueue) source(from unix.Sockaddr) netip.AddrPort {
	switch from := from.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(from.Addr), uint16(from.Port))
	case *unix.SockaddrInet6:
		return netip.AddrPortFrom(q.zoned(netip.AddrFrom16(from.Addr).Unmap(), from.ZoneId), uint16(from.Port))
	}
	return netip.AddrPort{}
}

// A destination is where a sender on an unconnected socket sends to.
type destination struct{ address unix.Sockaddr }

// newDestination ignores the source address: the system chooses it.
func newDestination(family int, remote netip.AddrPort, _ netip.Addr) (*destination, error) {
	if family == unix.AF_INET {
		return &destination{&unix.SockaddrInet4{Port: int(remote.Port()), Addr: remote.Addr().As4()}}, nil
	}
	zone, err := zoneIndex(remote.Addr().Zone())
	if err != nil {
		return nil, err
	}
	return &destination{&unix.SockaddrInet6{Port: int(remote.Port()), Addr: remote.Addr().As16(), ZoneId: zone}}, nil
}

func enableOffloads(int, Offloads) offloads { return offloads{} }

// enableLocal has no effect here: answers come from the address that the system
// chooses.
func enableLocal(int, int) error { return nil }
