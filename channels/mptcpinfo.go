package channels

import (
	"encoding/binary"
	"fmt"
	"net/netip"
)

// Layouts of include/uapi/linux/mptcp.h, in the host's byte order.
const (
	// struct mptcp_info; it has grown, and an older kernel's ends earlier.
	sizeMPTCPInfo        = 96
	minMPTCPInfo         = 16
	offMPTCPFlags        = 8
	offMPTCPChecksums    = 42 // u8
	offMPTCPRetransmits  = 44
	offMPTCPBytesRetrans = 48 // u64, like the next three
	offMPTCPBytesSent    = 56
	offMPTCPBytesRecv    = 64
	offMPTCPBytesAcked   = 72

	mptcpFlagFallback = 1 << 0

	// struct mptcp_full_info: sizes and pointers, then a mptcp_info.
	sizeFullInfo       = offFullMPTCPInfo + sizeMPTCPInfo
	offFullTCPUser     = 4
	offFullSubflowUser = 12
	offFullSubflows    = 16 // how many there are, which may be more than fit
	offFullMost        = 20
	offFullSubflowPtr  = 24
	offFullTCPPtr      = 32
	offFullMPTCPInfo   = 40

	// struct mptcp_subflow_info: the number, then mptcp_subflow_addrs.
	sizeSubflowInfo  = offSubflowAddrs + sizeSubflowAddrs
	offSubflowAddrs  = 8
	sizeSubflowAddrs = 2 * sizeSockaddr // local and remote
	sizeSockaddr     = 128              // struct sockaddr_storage

	// struct mptcp_subflow_data stands before an array of TCPINFO or ADDRS.
	sizeSubflowData   = 16
	offSubflowSize    = 0 // of this header
	offSubflowNumber  = 4 // how many there are
	offSubflowElement = 8 // size of an element in the kernel
	offSubflowUser    = 12

	// maxSubflows is how many are read of a connection. The kernel's path
	// manager makes at most 8 beside the first one.
	maxSubflows = 16
)

// parseMPTCPInfo reads a struct mptcp_info. An error says that b is too short.
func parseMPTCPInfo(b []byte) (s MPTCPState, err error) {
	if len(b) < minMPTCPInfo {
		return s, fmt.Errorf("mptcp_info of %d bytes: expected at least %d", len(b), minMPTCPInfo)
	}
	k := kernelStruct(b)
	return MPTCPState{
		InUse:         k.u32(offMPTCPFlags)&mptcpFlagFallback == 0,
		Checksums:     k.u8(offMPTCPChecksums) != 0,
		Retransmits:   k.u32(offMPTCPRetransmits),
		Retransmitted: k.u64(offMPTCPBytesRetrans),
		Sent:          k.u64(offMPTCPBytesSent),
		Received:      k.u64(offMPTCPBytesRecv),
		Acked:         k.u64(offMPTCPBytesAcked),
	}, nil
}

// isUp tells whether a TCP state (include/net/tcp_states.h) is one of a
// subflow that is up: the kernel lists those that are being tried (SYN_SENT,
// SYN_RECV) and those that were reset (CLOSE) as well.
func isUp(state uint8) bool {
	const synSent, synRecv, closed = 2, 3, 7
	return state != synSent && state != synRecv && state != closed
}

// appendSubflows appends those of n subflows that are up, at most as many as
// are whole in b, to paths: each has its addresses behind where they begin in
// an element, and a struct tcp_info.
func appendSubflows(paths []Path, n int, subflows []byte, element, addrs int, infos []byte, infoSize int) ([]Path, error) {
	for i := range n {
		if (i+1)*element > len(subflows) || (i+1)*infoSize > len(infos) {
			break
		}
		s := subflows[i*element : (i+1)*element]
		info, err := parseTCPInfo(infos[i*infoSize : (i+1)*infoSize])
		if err != nil {
			return paths, err
		}
		if !isUp(infos[i*infoSize]) {
			continue
		}
		p := Path{TCP: &info}
		if addrs >= 4 {
			p.ID = kernelStruct(s).u32(0)
		}
		if p.Local, err = parseSockaddr(s[addrs:]); err != nil {
			return paths, err
		}
		if p.Remote, err = parseSockaddr(s[addrs+sizeSockaddr:]); err != nil {
			return paths, err
		}
		paths = append(paths, p)
	}
	return paths, nil
}

// Address families of Linux.
const (
	linuxINET  = 2
	linuxINET6 = 10
)

// parseSockaddr reads a struct sockaddr_in or sockaddr_in6 of Linux.
func parseSockaddr(b []byte) (string, error) {
	if len(b) < 28 {
		return "", fmt.Errorf("socket address of %d bytes: expected at least 28", len(b))
	}
	port := binary.BigEndian.Uint16(b[2:])
	switch family := binary.NativeEndian.Uint16(b); family {
	case linuxINET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port).String(), nil
	case linuxINET6:
		a := netip.AddrFrom16([16]byte(b[8:24])).Unmap()
		if a.Is6() && a.IsLinkLocalUnicast() {
			if scope := binary.NativeEndian.Uint32(b[24:]); scope != 0 {
				a = a.WithZone(zoneName(scope))
			}
		}
		return netip.AddrPortFrom(a, port).String(), nil
	default:
		return "", fmt.Errorf("socket address of family %d: expected %d or %d", family, linuxINET, linuxINET6)
	}
}
