package channels

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"netperfmeter/wire"
)

// A udpConn is a Conn on a connected UDP socket: a flow's active side.
type udpConn struct {
	socket        bounded
	raw           syscall.RawConn // of socket
	polled        *polledSocket   // socket, if it is a Poller's
	local, remote netip.AddrPort
	sender        packetSender
	receiver      packetReceiver
	counts        counters
}

func dialUDP(ctx context.Context, remote netip.AddrPort, o Options) (Conn, error) {
	return connectUDP(ctx, remote, o, systemPacketCalls)
}

// connectUDP makes a udpConn whose data path uses the given calls.
func connectUDP(ctx context.Context, remote netip.AddrPort, o Options, calls packetCalls) (Conn, error) {
	local, err := localFor(remote.Addr(), o.Local)
	if err != nil {
		return nil, err
	}
	var on offloads
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return control(raw, func(fd int) error {
			on = enableOffloads(fd, o.Offloads)
			roomForBursts(fd, o)
			return setBuffers(fd, o)
		})
	}}
	if local.IsValid() {
		d.LocalAddr = net.UDPAddrFromAddrPort(netip.AddrPortFrom(local, 0))
	}
	dialled, err := d.DialContext(ctx, dialNetwork("udp", remote.Addr()), remote.String())
	if err != nil {
		return nil, fromLocal(local, inner(err))
	}
	udp := dialled.(*net.UDPConn)
	raw, err := udp.SyscallConn()
	if err != nil {
		udp.Close()
		return nil, err
	}
	c := &udpConn{socket: udp, raw: raw, local: addrPort(udp.LocalAddr()), remote: remote}
	c.sender.init(calls.send, on, &c.counts)
	c.receiver.init(raw, calls.receive, on, &c.counts)
	return c, nil
}

func (c *udpConn) Send(b *SendBatch, wait bool) error {
	if wait {
		return describePacket("sending to", c.remote, c.sender.sendWaiting(c.raw, b))
	}
	return describePacket("sending to", c.remote, c.sender.sendOnce(c.raw, b))
}

func (c *udpConn) Receive(b *ReceiveBatch) error {
	return describePacket("receiving from", c.remote, c.receiver.receiveInto(b))
}

func (c *udpConn) CloseWrite() error                  { return unsupported(wire.UDP, "half-close") }
func (c *udpConn) Close() error                       { return plain(c.socket.Close()) }
func (c *udpConn) SetReadDeadline(t time.Time) error  { return c.socket.SetReadDeadline(t) }
func (c *udpConn) SetWriteDeadline(t time.Time) error { return c.socket.SetWriteDeadline(t) }
func (c *udpConn) LocalAddr() netip.AddrPort          { return c.local }
func (c *udpConn) RemoteAddr() netip.AddrPort         { return c.remote }

func (c *udpConn) Apply(o Options) error {
	return control(c.raw, func(fd int) error { return setBuffers(fd, o) })
}

func (c *udpConn) descriptor() syscall.RawConn { return c.raw }
func (c *udpConn) events() EventCounts         { return c.counts.read() }

// describePacket says which system call's error this is, see stream.describe.
func describePacket(what string, remote netip.AddrPort, err error) error {
	if _, ok := err.(syscall.Errno); ok {
		return fmt.Errorf("%s %s %s: %w", wire.UDP, what, remote, err)
	}
	return err
}
