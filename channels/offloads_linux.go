package channels

import "golang.org/x/sys/unix"

// enableOffloads asks a UDP socket for each offload that is not switched off
// and tells which ones it has. Kernels from 4.18 and 5.0 have UDP_SEGMENT and
// UDP_GRO; a network filter of a container may refuse any of them.
func enableOffloads(fd int, o Offloads) offloads {
	return offloads{
		// Size 0 is what a socket starts with: the sizes go with the datagrams.
		gso:        !o.NoGSO && unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_SEGMENT, 0) == nil,
		gro:        !o.NoGRO && unix.SetsockoptInt(fd, unix.IPPROTO_UDP, unix.UDP_GRO, 1) == nil,
		mmsg:       !o.NoMmsg,
		timestamps: !o.NoTimestamps && unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1) == nil,
	}
}

// enableLocal makes an unconnected UDP socket tell which address a datagram was
// sent to.
func enableLocal(fd, family int) error {
	if family == unix.AF_INET {
		return unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1)
	}
	return unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_RECVPKTINFO, 1)
}
