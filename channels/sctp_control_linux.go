package channels

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// An sctpControl is an association as a byte stream of control messages, each
// of them one SCTP message on stream 0.
type sctpControl struct {
	*association
	in   ReceiveBatch
	next int // message of in
	read int // bytes of it that have been read
	out  SendBatch
}

func (c *sctpControl) Read(p []byte) (int, error) {
	for c.next == len(c.in.Msgs) {
		c.next, c.read = 0, 0
		if err := c.association.Receive(&c.in); err != nil {
			return 0, err
		}
	}
	message := c.in.Bytes(c.next)
	if c.read == 0 {
		if err := whole(message); err != nil {
			return 0, &FramingError{Err: err}
		}
	}
	n := copy(p, message[c.read:])
	if c.read += n; c.read == len(message) {
		c.next, c.read = c.next+1, 0
	}
	return n, nil
}

var errNotWhole = errors.New("its Length is not its size")

// whole looks whether an SCTP message is one control message.
func whole(message []byte) error {
	h, err := wire.ParseHeader(message)
	if err == nil && h.Length != len(message) {
		err = errNotWhole
	}
	return err
}

// Write takes whole messages, one or several.
func (c *sctpControl) Write(p []byte) (int, error) {
	c.out = SendBatch{Buf: p, Ends: c.out.Ends[:0]}
	for end := 0; end < len(p); {
		h, err := wire.ParseHeader(p[end:])
		if err == nil && h.Length > len(p)-end {
			err = errNotWhole
		}
		if err != nil {
			return 0, fmt.Errorf("control over %s: %w", wire.SCTP, err)
		}
		end += h.Length
		c.out.Ends = append(c.out.Ends, end)
	}
	err := c.association.Send(&c.out, true)
	return c.out.Offset, err
}

func (c *sctpControl) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.local) }
func (c *sctpControl) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }
func (c *sctpControl) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// heartbeat is the interval on control associations, as the protocol has it.
const heartbeat = 30 * time.Second

func dialSCTPControl(ctx context.Context, remote netip.AddrPort, o Options) (net.Conn, error) {
	a, err := connectSCTP(ctx, remote, o, systemsStreams)
	if err != nil {
		return nil, err
	}
	if err := control(a.raw, func(fd int) error { return setHeartbeat(fd, heartbeat) }); err != nil {
		a.Close()
		return nil, os.NewSyscallError("SCTP_PEER_ADDR_PARAMS", err)
	}
	return &sctpControl{association: a}, nil
}

// setHeartbeat sets the interval on all paths: struct sctp_paddrparams, which is
// packed, without an address.
func setHeartbeat(fd int, interval time.Duration) error {
	const size, hbInterval, flags, hbEnable = 156, 132, 146, 1
	var p [size]byte
	binary.NativeEndian.PutUint32(p[hbInterval:], uint32(interval.Milliseconds()))
	binary.NativeEndian.PutUint32(p[flags:], hbEnable)
	return unix.SetsockoptString(fd, unix.IPPROTO_SCTP, sctpPeerAddrParams, string(p[:]))
}

// A sctpControlListener accepts control channels.
type sctpControlListener struct{ *sctpListener }

func listenSCTPControl(_ context.Context, local netip.AddrPort, o Options) (net.Listener, error) {
	l, err := newSCTPListener(local, o, systemsStreams)
	if err != nil {
		return nil, err
	}
	return sctpControlListener{l}, nil
}

func (l sctpControlListener) Accept() (net.Conn, error) {
	a, err := l.accept()
	if err != nil {
		return nil, err
	}
	return &sctpControl{association: a}, nil
}

func (l sctpControlListener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.addr) }
