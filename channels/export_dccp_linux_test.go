package channels

import (
	"net/netip"
	"os"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// DCCPStandIn returns a connected pair of DCCP's Conns on Unix sockets: like
// DCCP's they have datagrams, a queue that fills, and an end, and every kernel
// has them. What only DCCP's sockets can say is missing.
func DCCPStandIn(tb testing.TB, o Options) (a, b Conn) {
	tb.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		tb.Fatal(os.NewSyscallError("socketpair", err))
	}
	var ends [2]*dccpConn
	for i, fd := range fds {
		f, raw, err := openFile(fd, "stand-in")
		if err != nil {
			tb.Fatal(err)
		}
		ends[i] = newDCCPConn(f, raw, o, packetCalls{send: sendShort, receive: systemDCCPCalls.receive})
		ends[i].local = netip.AddrPortFrom(loopback.Addr(), uint16(i+1))
		ends[i].remote = netip.AddrPortFrom(loopback.Addr(), uint16(2-i))
	}
	return ends[0], ends[1]
}

// sendShort refuses the longest messages: a Unix socket would take them.
func sendShort(fd int, q *sendQueue) (int, error) {
	for i, p := range q.pieces {
		if p.end-p.start < wire.MaxMessageSize {
			continue
		}
		if i == 0 {
			return 0, unix.EMSGSIZE
		}
		q.pieces = q.pieces[:i]
		break
	}
	return sendPackets(fd, q)
}

// FullDCCP returns a Conn whose queue is full for ever, and how often that has
// been tried.
func FullDCCP(tb testing.TB) (c Conn, tries *atomic.Int64) {
	tb.Helper()
	a, b := DCCPStandIn(tb, Options{})
	tb.Cleanup(func() { b.Close() })
	tries = new(atomic.Int64)
	a.(*dccpConn).sender.call = func(int, *sendQueue) (int, error) {
		tries.Add(1)
		return 0, unix.EAGAIN
	}
	return a, tries
}
