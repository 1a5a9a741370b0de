package channels

import (
	"encoding/binary"
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// Options of level SOL_MPTCP.
const (
	mptcpInfo         = 1
	mptcpTCPInfo      = 2
	mptcpSubflowAddrs = 3
	mptcpFullInfo     = 4 // since Linux 6.5
)

// examine asks the kernel: with TCP that is one system call, but for the first
// time.
func (s *stream) examine(x *examination) error {
	scratch := examinations.Get().(*examinationBuffers)
	defer examinations.Put(scratch)
	return control(s.raw, func(fd int) error {
		if s.protocol != wire.MPTCP {
			x.protocol = s.protocol.String()
			return s.examineTCP(fd, x, scratch)
		}
		return s.examineMPTCP(fd, x, scratch)
	})
}

// examinationBuffers are what the kernel writes its answers to.
type examinationBuffers struct {
	full     [sizeFullInfo]byte
	subflows [sizeSubflowData + maxSubflows*sizeSubflowInfo]byte
	infos    [sizeSubflowData + maxSubflows*sizeTCPInfo]byte
}

var examinations = sync.Pool{New: func() any { return new(examinationBuffers) }}

// examineTCP reads TCP_INFO. Of an MPTCP socket that has fallen back that is
// the account of its only subflow.
func (s *stream) examineTCP(fd int, x *examination, scratch *examinationBuffers) error {
	b, err := getsockopt(fd, unix.IPPROTO_TCP, unix.TCP_INFO, scratch.infos[:sizeTCPInfo])
	if err != nil {
		return os.NewSyscallError("getsockopt TCP_INFO", err)
	}
	info, err := parseTCPInfo(b)
	if err != nil {
		return err
	}
	p := wholePath(s)
	p.TCP = &info
	x.paths = append(x.paths, p)
	return nil
}

// examineMPTCP tells whether MPTCP is in use. Of a socket that has fallen back
// the kernel refuses to speak of MPTCP (mptcp_getsockopt hands the question to
// TCP); a connection accepted from a SYN without MPTCP is a plain TCP socket.
func (s *stream) examineMPTCP(fd int, x *examination, scratch *examinationBuffers) error {
	x.mptcp = &MPTCPState{}
	var err error
	if x.mptcp.Plain, err = isPlain(fd); err != nil {
		return err
	}
	if !x.mptcp.Plain {
		err := readFull(fd, x, scratch)
		if err == unix.EOPNOTSUPP || err == unix.ENOPROTOOPT {
			err = readSubflows(fd, x, scratch) // an older kernel, or fallen back
		}
		switch err {
		case nil:
		case unix.EOPNOTSUPP, unix.ENOPROTOOPT:
			x.mptcp.InUse = false
		default:
			return fmt.Errorf("asking for MPTCP's state: %w", err)
		}
	}
	if x.mptcp.InUse {
		x.protocol = wire.MPTCP.String()
		return nil
	}
	x.protocol, x.paths = wire.TCP.String(), x.paths[:0]
	return s.examineTCP(fd, x, scratch)
}

// isPlain tells a TCP socket from an MPTCP one.
func isPlain(fd int) (bool, error) {
	protocol, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	return protocol != unix.IPPROTO_MPTCP, os.NewSyscallError("getsockopt SO_PROTOCOL", err)
}

// readFull gets all of a connection and its subflows with one call.
func readFull(fd int, x *examination, scratch *examinationBuffers) error {
	subflows, infos := scratch.subflows[:maxSubflows*sizeSubflowInfo], scratch.infos[:maxSubflows*sizeTCPInfo]
	full := scratch.full[:]
	clear(full)
	var pin runtime.Pinner // the kernel writes to where the struct points
	defer pin.Unpin()
	pin.Pin(&subflows[0])
	pin.Pin(&infos[0])
	order := binary.NativeEndian
	order.PutUint32(full[offFullTCPUser:], sizeTCPInfo)
	order.PutUint32(full[offFullSubflowUser:], sizeSubflowInfo)
	order.PutUint32(full[offFullMost:], maxSubflows)
	order.PutUint64(full[offFullSubflowPtr:], uint64(uintptr(unsafe.Pointer(&subflows[0]))))
	order.PutUint64(full[offFullTCPPtr:], uint64(uintptr(unsafe.Pointer(&infos[0]))))
	b, err := getsockopt(fd, unix.SOL_MPTCP, mptcpFullInfo, full)
	if err != nil {
		return err
	}
	if len(b) < offFullMPTCPInfo {
		return unix.ENOPROTOOPT
	}
	state, err := parseMPTCPInfo(b[offFullMPTCPInfo:])
	if err != nil {
		return err
	}
	*x.mptcp = state
	n := min(int(order.Uint32(b[offFullSubflows:])), maxSubflows)
	x.paths, err = appendSubflows(x.paths, n, subflows, sizeSubflowInfo, offSubflowAddrs, infos, sizeTCPInfo)
	return err
}

// readSubflows does the same with three calls, for kernels from 5.16 on. A
// subflow that comes or goes in between makes the arrays differ: then the
// shorter one counts.
func readSubflows(fd int, x *examination, scratch *examinationBuffers) error {
	b, err := getsockopt(fd, unix.SOL_MPTCP, mptcpInfo, scratch.full[:sizeMPTCPInfo])
	if err != nil {
		return err
	}
	state, err := parseMPTCPInfo(b)
	if err != nil {
		return err
	}
	*x.mptcp = state
	infos, n, err := readArray(fd, mptcpTCPInfo, scratch.infos[:], sizeTCPInfo)
	if err != nil {
		return err
	}
	addrs, m, err := readArray(fd, mptcpSubflowAddrs, scratch.subflows[:sizeSubflowData+maxSubflows*sizeSubflowAddrs], sizeSubflowAddrs)
	if err != nil {
		return err
	}
	x.paths, err = appendSubflows(x.paths, min(n, m), addrs, sizeSubflowAddrs, 0, infos, sizeTCPInfo)
	return err
}

// readArray gets what is there of each subflow.
func readArray(fd, option int, b []byte, element int) (array []byte, n int, err error) {
	clear(b)
	order := binary.NativeEndian
	order.PutUint32(b[offSubflowSize:], sizeSubflowData)
	order.PutUint32(b[offSubflowUser:], uint32(element))
	got, err := getsockopt(fd, unix.SOL_MPTCP, option, b)
	if err != nil {
		return nil, 0, err
	}
	if len(got) < sizeSubflowData {
		return nil, 0, unix.ENOPROTOOPT
	}
	n = min(int(order.Uint32(got[offSubflowNumber:])), maxSubflows)
	return b[sizeSubflowData:], n, nil
}

// getsockopt reads an option into b and returns what the kernel has written.
func getsockopt(fd, level, option int, b []byte) ([]byte, error) {
	size := uint32(len(b))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(level), uintptr(option),
		uintptr(unsafe.Pointer(&b[0])), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return nil, errno
	}
	return b[:min(int(size), len(b))], nil
}
