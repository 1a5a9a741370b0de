package channels

import (
	"fmt"
	"io"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/wire"
)

// dccpPause is how long a sender waits when the queue is full. The poller is of
// no use: it reports the socket writable whatever the queue, and every refused
// packet wakes it again, so that waiting there is a loop without a pause.
const dccpPause = time.Millisecond

// A dccpConn is a Conn on a DCCP connection: datagrams with congestion control
// and an end, none longer than a packet.
type dccpConn struct {
	file          *os.File
	raw           syscall.RawConn
	done          closedFlag
	local, remote netip.AddrPort
	sender        packetSender
	receiver      packetReceiver
	counts        counters
}

// systemDCCPCalls are the calls of UDP, but that there is an end.
var systemDCCPCalls = packetCalls{send: sendPackets, receive: receiveUntilEnd}

// newDCCPConn makes a Conn whose data path uses the given calls.
func newDCCPConn(f *os.File, raw syscall.RawConn, o Options, calls packetCalls) *dccpConn {
	c := &dccpConn{file: f, raw: raw}
	c.local, c.remote = socketAddresses(raw)
	on := offloads{mmsg: !o.Offloads.NoMmsg} // the others are UDP's
	c.sender.init(calls.send, on, &c.counts)
	c.sender.fullPause = dccpPause
	c.receiver.init(raw, calls.receive, on, &c.counts)
	return c
}

// receiveUntilEnd is receivePackets for connections: after the peer's end the
// kernel hands over datagrams of no bytes for ever.
func receiveUntilEnd(fd int, q *receiveQueue) (int, error) {
	n, err := receivePackets(fd, q)
	for i := range n {
		if q.arrivals[i].start < q.arrivals[i].end {
			continue
		}
		if i == 0 {
			return 0, io.EOF
		}
		return i, nil // and next time the end
	}
	return n, err
}

func (c *dccpConn) Send(b *SendBatch, wait bool) error {
	if wait {
		return c.describe("sending to", c.sender.sendWaiting(c.raw, b))
	}
	return c.describe("sending to", c.sender.sendOnce(c.raw, b))
}

func (c *dccpConn) Receive(b *ReceiveBatch) error {
	return c.describe("receiving from", c.receiver.receiveInto(b))
}

// CloseWrite is not there: DCCP has no half-close, and shutdown(2) tells the
// peer nothing. It learns of the end by Close.
func (c *dccpConn) CloseWrite() error                  { return unsupported(wire.DCCP, "half-close") }
func (c *dccpConn) Close() error                       { return c.done.close(c.file) }
func (c *dccpConn) SetReadDeadline(t time.Time) error  { return c.file.SetReadDeadline(t) }
func (c *dccpConn) SetWriteDeadline(t time.Time) error { return c.file.SetWriteDeadline(t) }
func (c *dccpConn) LocalAddr() netip.AddrPort          { return c.local }
func (c *dccpConn) RemoteAddr() netip.AddrPort         { return c.remote }

// Apply cannot change the congestion control, which was agreed on at the
// beginning: it refuses another one.
func (c *dccpConn) Apply(o Options) error {
	return control(c.raw, func(fd int) error {
		if o.CCID != 0 {
			switch is, err := unix.GetsockoptInt(fd, unix.SOL_DCCP, dccpTxCCID); {
			case err != nil:
				return &CongestionControlError{Name: ccidName(o.CCID), Err: err}
			case is != int(o.CCID):
				return &CongestionControlError{Name: ccidName(o.CCID), Err: fmt.Errorf("the connection was set up with %s", ccidName(uint8(is)))}
			}
		}
		return setBuffers(fd, o)
	})
}

func (c *dccpConn) descriptor() syscall.RawConn { return c.raw }
func (c *dccpConn) events() EventCounts         { return c.counts.read() }

// messageLimit is what fits a packet on the path now, in bytes; 0: not known.
func (c *dccpConn) messageLimit() int {
	limit := 0
	_ = control(c.raw, func(fd int) (err error) {
		limit, err = unix.GetsockoptInt(fd, unix.SOL_DCCP, dccpCurrentMPS)
		return err
	})
	return limit
}

// describe says which system call's error this is, see stream.describe, and how
// long a message may be.
func (c *dccpConn) describe(what string, err error) error {
	err = c.done.explain(err)
	switch e := err.(type) {
	case syscall.Errno:
		return fmt.Errorf("%s %s %s: %w", wire.DCCP, what, c.remote, err)
	case *MessageSizeError:
		e.Limit = c.messageLimit()
	}
	return err
}
