package channels

import (
	"encoding/binary"
	"net/netip"
	"os"

	"github.com/ishidawataru/sctp"
	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// assocStats is struct sctp_assoc_stats: the kernel aligns the address and the
// numbers to eight bytes.
type assocStats struct {
	_        [8 + 128]byte // which association, which address
	_        [5]uint64     // highest RTO since the last look, acknowledgements and packets, out and in
	rtx      uint64
	outOfSeq uint64
	dup      uint64
	gaps     uint64
	ouod     uint64 // data chunks: out and in, unordered and ordered
	iuod     uint64
	ood      uint64
	iod      uint64
	_        [2]uint64 // control chunks
}

// prStatus is struct sctp_prstatus.
type prStatus struct {
	_      [6]byte // which association, which stream
	policy uint16
	unsent uint64
	sent   uint64
}

// peerAddrs is struct sctp_getaddrs with room for 146 IPv6 addresses.
type peerAddrs struct {
	_     int32 // which association
	count uint32
	addrs [4096]byte
}

// Names of states. Those of the library are of other systems.
var (
	associationStates = []string{"empty", "closed", "cookie wait", "cookie echoed", "established",
		"shutdown pending", "shutdown sent", "shutdown received", "shutdown ack sent"}
	pathStates = []string{"inactive", "potentially failed", "active", "unconfirmed"}
)

func nameOf[N ~int32](names []string, n N) string {
	if n < 0 || int(n) >= len(names) {
		return "unknown"
	}
	return names[n]
}

// examine asks the kernel: some system calls, and one for each path. What it says
// of an association that has ended is EINVAL.
func (a *association) examine(x *examination) error {
	x.protocol, x.sctp = wire.SCTP.String(), new(SCTPState)
	err := control(a.raw, func(fd int) (err error) {
		x.paths, err = x.sctp.read(fd, a.local, x.paths)
		return err
	})
	return a.done.explain(err)
}

// read fills in s and appends the paths.
func (s *SCTPState) read(fd int, local netip.AddrPort, paths []Path) ([]Path, error) {
	var status sctp.Status
	if err := getSCTP(fd, sctp.SCTP_STATUS, &status); err != nil {
		return nil, os.NewSyscallError("SCTP_STATUS", err)
	}
	s.State = nameOf(associationStates, status.State)
	s.InStreams, s.OutStreams = status.Instreams, status.Ostreams
	s.PeerWindow, s.Unacknowledged, s.Pending = status.RWND, status.Unackdata, status.Penddata
	var stats assocStats
	if err := getSCTP(fd, sctpAssocStats, &stats); err != nil {
		return nil, os.NewSyscallError("SCTP_GET_ASSOC_STATS", err)
	}
	s.SentOrdered, s.SentUnordered, s.ReceivedOrdered, s.ReceivedUnordered = stats.ood, stats.ouod, stats.iod, stats.iuod
	s.Retransmitted, s.Gaps, s.Duplicates, s.OutOfOrder = stats.rtx, stats.gaps, stats.dup, stats.outOfSeq
	pr := prStatus{policy: sctpPRAll}
	if err := getSCTP(fd, sctpPRAssocStatus, &pr); err == nil { // an error: the peer has no PR-SCTP
		s.GivenUp, s.GivenUpUnsent = pr.sent, pr.unsent
	}
	return appendSCTPPaths(paths, fd, local, status.PrimaryPeerAddr.Address[:])
}

// appendSCTPPaths asks about each of the peer's addresses. Which local address it
// sends from to each of them the kernel does not tell: all are given the
// association's first one.
func appendSCTPPaths(paths []Path, fd int, local netip.AddrPort, primary []byte) ([]Path, error) {
	first, _ := rawAddress(primary)
	err := eachPeerAddress(fd, func(remote netip.AddrPort, raw []byte) error {
		var p sctp.PeerAddrinfo
		copy(p.Address[:], raw)
		if err := getSCTP(fd, sctp.SCTP_GET_PEER_ADDR_INFO, &p); err != nil {
			return os.NewSyscallError("SCTP_GET_PEER_ADDR_INFO", err)
		}
		paths = append(paths, Path{Local: local.String(), Remote: remote.String(), SCTP: &SCTPPath{
			State: nameOf(pathStates, p.State), Primary: remote == first,
			SRTT: 1000 * p.SRTT, RTO: 1000 * p.RTO, CWnd: p.CWND, MTU: p.MTU, // the kernel's are ms
		}})
		return nil
	})
	return paths, err
}

// peerAddresses lists the peer's addresses, none if the association has ended.
func (a *association) peerAddresses() (addrs []netip.Addr) {
	_ = control(a.raw, func(fd int) error {
		return eachPeerAddress(fd, func(remote netip.AddrPort, _ []byte) error {
			addrs = append(addrs, remote.Addr())
			return nil
		})
	})
	return addrs
}

// eachPeerAddress calls f with each of the peer's addresses, and with the bytes
// that the kernel has for it.
func eachPeerAddress(fd int, f func(remote netip.AddrPort, raw []byte) error) error {
	list := new(peerAddrs)
	if err := getSCTP(fd, sctp.SCTP_GET_PEER_ADDRS, list); err != nil {
		return os.NewSyscallError("SCTP_GET_PEER_ADDRS", err)
	}
	for rest := list.addrs[:]; list.count > 0; list.count-- {
		remote, size := rawAddress(rest)
		if size == 0 {
			return nil
		}
		if err := f(remote, rest[:size]); err != nil {
			return err
		}
		rest = rest[size:]
	}
	return nil
}

// rawAddress reads a sockaddr_in or sockaddr_in6; in lists they stand without
// gaps. The size is 0 if it is neither.
func rawAddress(b []byte) (netip.AddrPort, int) {
	if len(b) < unix.SizeofSockaddrInet4 {
		return netip.AddrPort{}, 0
	}
	port := binary.BigEndian.Uint16(b[2:])
	switch family := binary.NativeEndian.Uint16(b); {
	case family == unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte(b[4:8])), port), unix.SizeofSockaddrInet4
	case family == unix.AF_INET6 && len(b) >= unix.SizeofSockaddrInet6:
		return netip.AddrPortFrom(netip.AddrFrom16([16]byte(b[8:24])).Unmap(), port), unix.SizeofSockaddrInet6
	}
	return netip.AddrPort{}, 0
}
