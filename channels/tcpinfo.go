package channels

import (
	"encoding/binary"
	"fmt"
)

// Offsets in struct tcp_info (include/uapi/linux/tcp.h). The kernel only ever
// appends to it, and cuts it at the size that it was asked for.
const (
	offTCPRTO           = 8
	offTCPSndMSS        = 16
	offTCPRTT           = 68
	offTCPRTTVar        = 72
	offTCPSSThresh      = 76
	offTCPCWnd          = 80
	offTCPTotalRetrans  = 100
	offTCPPacingRate    = 104 // u64, like those below unless noted
	offTCPBytesAcked    = 120
	offTCPBytesReceived = 128
	offTCPMinRTT        = 148 // u32
	offTCPDeliveryRate  = 160
	offTCPBusy          = 168
	offTCPRWndLimited   = 176
	offTCPSndBufLimited = 184
	offTCPBytesSent     = 200
	offTCPBytesRetrans  = 208

	// minTCPInfo is the least that kernels with MPTCP, and all since 2018, give.
	minTCPInfo = 104
	// sizeTCPInfo is how much is asked for.
	sizeTCPInfo = 280
)

// tcpInfinity stands for no slow-start threshold (TCP_INFINITE_SSTHRESH), and
// noMinRTT for no round trip measured.
const (
	tcpInfinity = 0x7fffffff
	noMinRTT    = 0xffffffff
)

// parseTCPInfo reads a struct tcp_info, in the host's byte order. What an
// older kernel lacks is 0. An error says that b is too short to be one.
func parseTCPInfo(b []byte) (TCPInfo, error) {
	if len(b) < minTCPInfo {
		return TCPInfo{}, fmt.Errorf("tcp_info of %d bytes: expected at least %d", len(b), minTCPInfo)
	}
	k := kernelStruct(b)
	t := TCPInfo{
		RTT: k.u32(offTCPRTT), RTTVar: k.u32(offTCPRTTVar), MinRTT: k.u32(offTCPMinRTT), RTO: k.u32(offTCPRTO),
		CWnd: k.u32(offTCPCWnd), SSThresh: k.u32(offTCPSSThresh), MSS: k.u32(offTCPSndMSS),
		Retransmits: k.u32(offTCPTotalRetrans), Retransmitted: k.u64(offTCPBytesRetrans),
		Sent: k.u64(offTCPBytesSent), Acked: k.u64(offTCPBytesAcked), Received: k.u64(offTCPBytesReceived),
		DeliveryRate: k.u64(offTCPDeliveryRate), PacingRate: k.u64(offTCPPacingRate),
		Busy: k.u64(offTCPBusy), RWndLimited: k.u64(offTCPRWndLimited), SndBufLimited: k.u64(offTCPSndBufLimited),
	}
	if t.SSThresh >= tcpInfinity {
		t.SSThresh = 0
	}
	if t.MinRTT == noMinRTT {
		t.MinRTT = 0
	}
	if t.PacingRate == ^uint64(0) {
		t.PacingRate = 0
	}
	return t, nil
}

// kernelStruct reads fields of a struct of the kernel's; those beyond its end
// are 0.
type kernelStruct []byte

func (k kernelStruct) u8(at int) uint8 {
	if at >= len(k) {
		return 0
	}
	return k[at]
}

func (k kernelStruct) u32(at int) uint32 {
	if at+4 > len(k) {
		return 0
	}
	return binary.NativeEndian.Uint32(k[at:])
}

func (k kernelStruct) u64(at int) uint64 {
	if at+8 > len(k) {
		return 0
	}
	return binary.NativeEndian.Uint64(k[at:])
}
