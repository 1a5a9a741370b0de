package channels

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// maxPolls bounds the threads that wait in poll(2) for one socket.
const maxPolls = 64

// A UDPSocket is the passive side's one socket for the flows of all peers. One
// goroutine receives, any number send through a Peer each.
type UDPSocket struct {
	socket   bounded
	raw      syscall.RawConn // of socket
	polled   *polledSocket   // socket, if it is a Poller's
	addr     netip.AddrPort
	family   int
	calls    packetCalls
	on       offloads
	receiver packetReceiver
	counts   counters
	polls    chan struct{} // taken while waiting in poll(2)

	mu    sync.Mutex // guards flows, and makes apply's comparison and change one step
	asked bool       // the user has chosen a receive buffer
	flows int        // that were set up and have not ended
}

// ListenUDP opens the socket at local; port 0 lets the system choose one. An
// IPv6 wildcard takes IPv4 as well unless o.V6Only is set.
func ListenUDP(ctx context.Context, local netip.AddrPort, o Options) (*UDPSocket, error) {
	s, err := listenUDP(ctx, unmap(local), o, systemPacketCalls)
	if err != nil {
		return nil, fmt.Errorf("%s at %s: %w", wire.UDP, local, err)
	}
	return s, nil
}

func listenUDP(ctx context.Context, local netip.AddrPort, o Options, calls packetCalls) (*UDPSocket, error) {
	s := &UDPSocket{family: unix.AF_INET, calls: calls, polls: make(chan struct{}, maxPolls), asked: o.RcvBuf > 0}
	if local.Addr().Is6() {
		s.family = unix.AF_INET6
	}
	c := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return control(raw, func(fd int) error {
			s.on = enableOffloads(fd, o.Offloads)
			roomForBursts(fd, o)
			if local.Addr().IsUnspecified() {
				if err := enableLocal(fd, s.family); err != nil {
					return fmt.Errorf("learning the addresses that datagrams are sent to: %w", err)
				}
			}
			return setBuffers(fd, o)
		})
	}}
	p, err := c.ListenPacket(ctx, listenNetwork("udp", local.Addr(), o.V6Only), local.String())
	if err != nil {
		return nil, inner(err)
	}
	udp := p.(*net.UDPConn)
	if s.raw, err = udp.SyscallConn(); err != nil {
		udp.Close()
		return nil, err
	}
	s.socket, s.addr = udp, addrPort(udp.LocalAddr())
	s.receiver.init(s.raw, calls.receive, s.on, &s.counts)
	s.receiver.family = s.family
	return s, nil
}

// Receive is Conn.Receive for the datagrams of all peers: b.Peers and b.Locals
// are filled in.
func (s *UDPSocket) Receive(b *ReceiveBatch) error {
	return describePacket("receiving at", s.addr, s.receiver.receiveInto(b))
}

// Addr is the address that the socket is bound to.
func (s *UDPSocket) Addr() netip.AddrPort { return s.addr }

// SetReadDeadline ends a blocked Receive at t; the zero time: never.
func (s *UDPSocket) SetReadDeadline(t time.Time) error { return s.socket.SetReadDeadline(t) }

// Close ends a blocked Receive and makes every Peer useless.
func (s *UDPSocket) Close() error { return plain(s.socket.Close()) }

// Events counts what happened to the socket's receiver; see Events for a Peer.
func (s *UDPSocket) Events() EventCounts { return s.counts.read() }

func (s *UDPSocket) descriptor() syscall.RawConn { return s.raw }

// leave takes one flow out of their number.
func (s *UDPSocket) leave() {
	s.mu.Lock()
	s.flows--
	s.mu.Unlock()
}

// apply raises the socket's buffers to what one flow more asks for. They serve
// all flows, so that the largest wish holds, and none is ever lowered.
func (s *UDPSocket) apply(o Options, more int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flows += more
	return control(s.raw, func(fd int) (err error) {
		if !s.asked && more > 0 {
			roomForFlows(fd, s.flows)
		}
		if o.SndBuf, err = missing(fd, unix.SO_SNDBUF, o.SndBuf); err != nil {
			return err
		}
		if o.RcvBuf, err = missing(fd, unix.SO_RCVBUF, o.RcvBuf); err != nil {
			return err
		}
		return setBuffers(fd, o)
	})
}

// missing returns the buffer size that has to be set for wish, or 0 if the
// socket's buffer serves it already.
func missing(fd, option, wish int) (int, error) {
	there, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, option)
	if err != nil || there/bufferFactor >= wish {
		return 0, err
	}
	return wish, nil
}
