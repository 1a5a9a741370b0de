package channels

import (
	"encoding/binary"
	"syscall"
	"unsafe"

	"github.com/ishidawataru/sctp"
	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// receiveSCTP receives messages, parts of messages and notifications.
func (q *receiveQueue) receiveSCTP(fd int) (int, error) {
	a := &q.system
	for i := range a.headers[:a.used] {
		h := &a.headers[i].header
		h.Namelen = unix.SizeofSockaddrInet6 // the queue may be a UDP socket's next
		h.SetControllen(receiveControlWords * 8)
	}
	a.used = 0
	n, _, errno := syscall.RawSyscall6(unix.SYS_RECVMMSG, uintptr(fd),
		uintptr(unsafe.Pointer(&a.headers)), packetSlots, unix.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	a.used = int(n)
	return int(n), nil
}

// origin returns what SCTP_RCVINFO says of slot i.
func (q *receiveQueue) origin(i int) (stream wire.StreamID, unordered bool) {
	a := &q.system
	control := bytesOf(a.controls[i][:])[:a.headers[i].header.Controllen]
	for len(control) >= unix.SizeofCmsghdr {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		if int(h.Len) < unix.SizeofCmsghdr || int(h.Len) > len(control) {
			break
		}
		data := control[unix.CmsgLen(0):h.Len]
		if h.Level == unix.IPPROTO_SCTP && h.Type == sctp.SCTP_CMSG_RCVINFO && len(data) >= 6 {
			// struct sctp_rcvinfo: stream u16, SSN u16, flags u16, ...
			flags := binary.NativeEndian.Uint16(data[4:])
			return wire.StreamID(binary.NativeEndian.Uint16(data)), flags&sctp.SCTP_UNORDERED != 0
		}
		control = control[min(unix.CmsgSpace(int(h.Len)-unix.CmsgLen(0)), len(control)):]
	}
	return 0, false
}
