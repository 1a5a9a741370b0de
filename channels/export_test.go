package channels

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// FaultyStreams returns a connected pair whose system calls are cut short and
// interrupted at random.
func FaultyStreams(tb testing.TB, p wire.Protocol, seed uint64) (a, b Conn) {
	tb.Helper()
	ctx := context.Background()
	o := Options{SndBuf: 100000, RcvBuf: 100000}
	l, err := Listen(ctx, p, loopback, o)
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	if a, err = Dial(ctx, p, l.Addr(), o); err != nil {
		tb.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		tb.Fatal(err)
	}
	for i, c := range []Conn{a, b} {
		s := c.(*stream)
		s.sender.write = faulty(unix.Write, rand.New(rand.NewPCG(seed, uint64(i))))
		s.receiver.read = faulty(unix.Read, rand.New(rand.NewPCG(seed, uint64(i+10))))
	}
	return a, b
}

// faulty makes a read or write system call transfer less, or be interrupted.
func faulty(call func(int, []byte) (int, error), r *rand.Rand) func(int, []byte) (int, error) {
	return func(fd int, p []byte) (int, error) {
		switch r.IntN(8) {
		case 0:
			return -1, unix.EINTR
		case 1:
			return call(fd, p[:min(len(p), 1+r.IntN(4))])
		case 2, 3:
			return call(fd, p[:1+r.IntN(len(p))])
		case 4:
			return call(fd, p[:min(len(p), 1+r.IntN(5000))])
		}
		return call(fd, p)
	}
}

// FaultyUDP returns a connected Conn, and a socket with the Peer for it, whose
// system calls fail at random in every way that the kernel knows.
func FaultyUDP(tb testing.TB, seed uint64) (a Conn, s *UDPSocket, peer Conn) {
	tb.Helper()
	ctx := context.Background()
	s, err := listenUDP(ctx, loopback, Options{}, faultyPackets(seed, true))
	if err != nil {
		tb.Fatal(err)
	}
	if a, err = connectUDP(ctx, s.Addr(), Options{}, faultyPackets(seed+1000, false)); err != nil {
		tb.Fatal(err)
	}
	if peer, err = s.Peer(a.LocalAddr(), netip.Addr{}); err != nil {
		tb.Fatal(err)
	}
	return a, s, peer
}

// faultyPackets makes calls that fail, or take only some of what they are given.
// A kernel that pretends to be full can only be waited for with poll, since
// Go's poller waits for a change.
func faultyPackets(seed uint64, full bool) packetCalls {
	r := rand.New(rand.NewPCG(seed, 1))
	errs := []error{unix.EINTR, unix.ENOBUFS, unix.ECONNREFUSED, unix.EHOSTUNREACH, unix.EMSGSIZE}
	if full {
		errs = append(errs, unix.EAGAIN)
	}
	last := error(nil)
	send := func(fd int, q *sendQueue) (int, error) {
		first := q.pieces[0]
		switch i := r.IntN(16); {
		case i < len(errs) && (last == nil || errs[i] == unix.EINTR):
			last = errs[i]
			return 0, errs[i]
		case i == 12 && first.segment > 0 && r.IntN(20) == 0:
			return 0, unix.EIO
		case i == 8 && first.messages > maxSegmentsOld:
			return 0, unix.EINVAL
		case i == 9 && first.segment > 0 && r.IntN(4) == 0:
			return 0, unix.EINVAL
		case i == 10 && q.mmsg && r.IntN(20) == 0:
			return 0, unix.ENOSYS
		case i > 12:
			q.pieces = q.pieces[:1+r.IntN(len(q.pieces))]
		}
		last = nil
		return systemPacketCalls.send(fd, q)
	}
	reads := rand.New(rand.NewPCG(seed, 2))
	receive := func(fd int, q *receiveQueue) (int, error) {
		switch reads.IntN(10) {
		case 0:
			return 0, unix.EINTR
		case 1:
			return 0, unix.ECONNREFUSED
		}
		return systemPacketCalls.receive(fd, q)
	}
	return packetCalls{send: send, receive: receive}
}

// Sockopt returns a socket option of c's socket.
func Sockopt(tb testing.TB, c Conn, level, option int) int {
	tb.Helper()
	value := 0
	err := control(c.(interface{ descriptor() syscall.RawConn }).descriptor(), func(fd int) (err error) {
		value, err = unix.GetsockoptInt(fd, level, option)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return value
}
