package channels

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// Socket options of level SOL_DCCP that x/sys lacks, from linux/dccp.h.
const (
	dccpService        = 2
	dccpCurrentMPS     = 5  // bytes of a message that fit the path now
	dccpAvailableCCIDs = 12 // a byte for each
	dccpCCID           = 13 // a list of wishes, a byte each, for both directions
	dccpTxCCID         = 14 // that of the sending direction
	dccpQueueLength    = 17 // packets that wait for the congestion control
)

// dccpQueue is how many packets a socket lets wait. The kernel's 5 (sysctl
// net.dccp.default.tx_qlen) would bound the rate to 40 Mbit/s: nothing tells
// when there is room, so that a sender looks again only every dccpPause. Longer
// queues hold more back when the congestion control is slow.
const dccpQueue = 16

// dccpSocket makes a socket with what accepted ones inherit.
func dccpSocket(a netip.Addr, o Options) (*os.File, syscall.RawConn, error) {
	fd, err := unix.Socket(family(a), unix.SOCK_DCCP|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, unix.IPPROTO_DCCP)
	if err != nil {
		if a.Is4() {
			return nil, nil, kernelLacks(wire.DCCP, "dccp_ipv4", err)
		}
		return nil, nil, kernelLacks(wire.DCCP, "dccp_ipv6", err)
	}
	if a.Is6() {
		err = unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, boolInt(o.V6Only || !a.IsUnspecified()))
	}
	if err == nil {
		err = setDCCPOptions(fd, o)
	}
	if err != nil {
		unix.Close(fd)
		return nil, nil, err
	}
	return openFile(fd, "dccp")
}

// probeDCCP makes a DCCP socket.
func probeDCCP() error {
	f, _, err := dccpSocket(netip.IPv4Unspecified(), Options{})
	if err != nil {
		return err
	}
	return f.Close()
}

func setDCCPOptions(fd int, o Options) error {
	service := binary.BigEndian.AppendUint32(nil, wire.DCCPServiceCode)
	if err := unix.SetsockoptString(fd, unix.SOL_DCCP, dccpService, string(service)); err != nil {
		return os.NewSyscallError("DCCP_SOCKOPT_SERVICE", err)
	}
	if n, err := unix.GetsockoptInt(fd, unix.SOL_DCCP, dccpQueueLength); err == nil && 0 < n && n < dccpQueue { // 0 is no bound
		if err := unix.SetsockoptInt(fd, unix.SOL_DCCP, dccpQueueLength, dccpQueue); err != nil {
			return os.NewSyscallError("DCCP_SOCKOPT_QPOLICY_TXQLEN", err)
		}
	}
	if o.CCID != 0 {
		if err := unix.SetsockoptString(fd, unix.SOL_DCCP, dccpCCID, string([]byte{o.CCID})); err != nil {
			return ccidError(fd, o.CCID, err)
		}
	}
	roomForBursts(fd, o)
	return setBuffers(fd, o)
}

// ccidError says which congestion controls there are.
func ccidError(fd int, ccid uint8, err error) error {
	e := &CongestionControlError{Name: ccidName(ccid), Err: err}
	if errors.Is(err, unix.EINVAL) {
		e.Err = fmt.Errorf("unknown to this kernel (%w)", err)
	}
	var known [16]byte
	if list, err := getsockopt(fd, unix.SOL_DCCP, dccpAvailableCCIDs, known[:]); err == nil {
		for _, c := range list {
			e.Available = append(e.Available, ccidName(c))
		}
	}
	return e
}

func ccidName(ccid uint8) string { return fmt.Sprintf("CCID %d", ccid) }

// dccpCongestionControl is the sending direction's, "" for other sockets.
func dccpCongestionControl(fd int) string {
	ccid, err := unix.GetsockoptInt(fd, unix.SOL_DCCP, dccpTxCCID)
	if err != nil {
		return ""
	}
	return ccidName(uint8(ccid))
}
