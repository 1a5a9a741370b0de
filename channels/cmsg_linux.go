package channels

import (
	"encoding/binary"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bytesOf returns words as bytes.
func bytesOf(words []uint64) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&words[0])), len(words)*8)
}

// appendControl appends a control message with room for size bytes of data,
// within b's capacity, and returns that room.
func appendControl(b []byte, level, kind int32, size int) (all, data []byte) {
	n := len(b)
	all = b[:n+unix.CmsgSpace(size)]
	clear(all[n:])
	h := (*unix.Cmsghdr)(unsafe.Pointer(&all[n]))
	h.Level, h.Type = level, kind
	h.SetLen(unix.CmsgLen(size))
	return all, all[n+unix.CmsgLen(0):][:size]
}

// readControl takes one received control message.
func (q *receiveQueue) readControl(r *arrival, h *unix.Cmsghdr, data []byte) {
	switch {
	case h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS && len(data) >= int(unsafe.Sizeof(unix.Timespec{})):
		t := (*unix.Timespec)(unsafe.Pointer(&data[0]))
		r.time = t.Nano()
	case h.Level == unix.IPPROTO_UDP && h.Type == unix.UDP_GRO && len(data) >= 4:
		r.segment = int(binary.NativeEndian.Uint32(data))
	case h.Level == unix.IPPROTO_IP && h.Type == unix.IP_PKTINFO && len(data) >= unix.SizeofInet4Pktinfo:
		// Spec_dst is the address to answer from; Addr may be a broadcast one.
		r.to = netip.AddrFrom4((*unix.Inet4Pktinfo)(unsafe.Pointer(&data[0])).Spec_dst)
	case h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_PKTINFO && len(data) >= unix.SizeofInet6Pktinfo:
		info := (*unix.Inet6Pktinfo)(unsafe.Pointer(&data[0]))
		if to := netip.AddrFrom16(info.Addr).Unmap(); !to.IsMulticast() {
			r.to = q.zoned(to, info.Ifindex)
		}
	}
}

// source returns the address that the kernel has written.
func (q *receiveQueue) source(name *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&name.Port))[:]) // where both families have it
	if q.family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(name)).Addr), port)
	}
	return netip.AddrPortFrom(q.zoned(netip.AddrFrom16(name.Addr).Unmap(), name.Scope_id), port)
}

// A destination is where a sender on an unconnected socket sends to, and from
// which address.
type destination struct {
	name    unix.RawSockaddrInet6 // long enough for either family
	nameLen uint32
	control []byte // the source address as a control message, if it is not the system's choice
}

// newDestination makes a destination for a socket of the given family. from may
// be not valid.
func newDestination(family int, remote netip.AddrPort, from netip.Addr) (*destination, error) {
	d := new(destination)
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(&d.name.Port))[:], remote.Port())
	d.name.Family = uint16(family)
	words := make([]uint64, sendControlWords)
	if family == unix.AF_INET {
		d.nameLen = unix.SizeofSockaddrInet4
		(*unix.RawSockaddrInet4)(unsafe.Pointer(&d.name)).Addr = remote.Addr().As4()
		if from.IsValid() {
			var data []byte
			d.control, data = appendControl(bytesOf(words)[:0], unix.IPPROTO_IP, unix.IP_PKTINFO, unix.SizeofInet4Pktinfo)
			(*unix.Inet4Pktinfo)(unsafe.Pointer(&data[0])).Spec_dst = from.As4()
		}
		return d, nil
	}
	zone, err := zoneIndex(remote.Addr().Zone())
	if err != nil {
		return nil, err
	}
	d.nameLen = unix.SizeofSockaddrInet6
	d.name.Addr, d.name.Scope_id = remote.Addr().As16(), zone
	if from.IsValid() {
		var data []byte
		d.control, data = appendControl(bytesOf(words)[:0], unix.IPPROTO_IPV6, unix.IPV6_PKTINFO, unix.SizeofInet6Pktinfo)
		info := (*unix.Inet6Pktinfo)(unsafe.Pointer(&data[0]))
		info.Addr = from.As16()
		if from.IsLinkLocalUnicast() && from.Is6() {
			info.Ifindex = zone // that of the way to the peer
		}
	}
	return d, nil
}
