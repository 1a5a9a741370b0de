package channels

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// A udpPeer is the sending half of a flow at a UDPSocket. It waits in poll(2),
// since the socket's write deadline, and Go's lock for writing, belong to all
// flows.
type udpPeer struct {
	socket   *UDPSocket
	remote   netip.AddrPort
	local    netip.AddrPort
	sender   packetSender
	counts   counters
	deadline atomic.Int64 // ns since the epoch; 0: none
	closed   atomic.Bool
	applied  atomic.Bool
	slice    time.Duration    // of the wait that is to come
	poll     func(fd uintptr) // pollWritable, bound once
}

// Peer returns a Conn that sends to remote, and cannot receive. local is the
// address that the datagrams come from, and shall be that which remote sends to
// (ReceiveBatch.Locals): remote's socket takes no others. Not valid: the
// system chooses. Closing the Conn leaves the socket open.
func (s *UDPSocket) Peer(remote netip.AddrPort, local netip.Addr) (Conn, error) {
	remote, local = unmap(remote), local.Unmap()
	if s.family == unix.AF_INET && !remote.Addr().Is4() || local.IsValid() && local.Is4() != remote.Addr().Is4() {
		return nil, fmt.Errorf("%s from %s, %s, to %s: not the same IP version", wire.UDP, s.addr, local, remote)
	}
	to, err := newDestination(s.family, remote, local)
	if err != nil {
		return nil, err
	}
	if !local.IsValid() {
		local = s.addr.Addr()
	}
	p := &udpPeer{socket: s, remote: remote, local: netip.AddrPortFrom(local, s.addr.Port())}
	p.sender.init(s.calls.send, s.on, &p.counts)
	p.sender.to = to
	p.poll = p.pollWritable
	return p, nil
}

func (p *udpPeer) Send(b *SendBatch, wait bool) error {
	return describePacket("sending to", p.remote, p.send(b, wait))
}

func (p *udpPeer) send(b *SendBatch, wait bool) error {
	for {
		if p.closed.Load() {
			return net.ErrClosed
		}
		if wait && p.left() <= 0 {
			return os.ErrDeadlineExceeded
		}
		err := p.sender.sendOnce(p.socket.raw, b)
		if err != ErrWouldBlock || !wait {
			return err
		}
		if err := p.pause(); err != nil {
			return err
		}
	}
}

// pause waits for the socket to take more, for a bounded time.
func (p *udpPeer) pause() error {
	p.slice = min(p.left(), waitSlice)
	if p.sender.err == unix.ENOBUFS {
		time.Sleep(min(p.slice, noBufferPause)) // poll would say that there is room
		return nil
	}
	select {
	case p.socket.polls <- struct{}{}:
		defer func() { <-p.socket.polls }()
		return plain(p.socket.raw.Control(p.poll))
	default:
		time.Sleep(min(p.slice, time.Millisecond))
		return nil
	}
}

func (p *udpPeer) pollWritable(fd uintptr) {
	fds := [1]unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	// An error is followed by an attempt to send, which tells.
	_, _ = unix.Poll(fds[:], int(p.slice/time.Millisecond)+1)
}

// left is the time until the write deadline.
func (p *udpPeer) left() time.Duration {
	d := p.deadline.Load()
	if d == 0 {
		return time.Hour
	}
	return time.Until(time.Unix(0, d))
}

func (p *udpPeer) Receive(*ReceiveBatch) error { return unsupported(wire.UDP, "receiving of one peer") }
func (p *udpPeer) CloseWrite() error           { return unsupported(wire.UDP, "half-close") }

func (p *udpPeer) Close() error {
	if p.closed.Swap(true) {
		return net.ErrClosed
	}
	if p.applied.Load() {
		p.socket.leave()
	}
	return nil
}

func (p *udpPeer) SetReadDeadline(time.Time) error { return nil }

func (p *udpPeer) SetWriteDeadline(t time.Time) error {
	ns := int64(0)
	if !t.IsZero() {
		ns = t.UnixNano()
	}
	p.deadline.Store(ns)
	return nil
}

func (p *udpPeer) LocalAddr() netip.AddrPort  { return p.local }
func (p *udpPeer) RemoteAddr() netip.AddrPort { return p.remote }

// Apply raises the shared socket's buffers: the largest wish of all flows holds.
func (p *udpPeer) Apply(o Options) error {
	if p.applied.Swap(true) {
		return p.socket.apply(o, 0)
	}
	return p.socket.apply(o, 1)
}

func (p *udpPeer) descriptor() syscall.RawConn { return p.socket.raw }
func (p *udpPeer) events() EventCounts         { return p.counts.read() }
