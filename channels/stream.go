package channels

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"netperfmeter/wire"
)

// streamReadSize is how much one read takes at most; measured, see
// BenchmarkStream. It must hold more than one message.
const streamReadSize = 256 << 10

// maxStreamMessages bounds the messages of one batch. DATA messages of the
// smallest size do not reach it; only a peer that sends nonsense does.
const maxStreamMessages = streamReadSize/wire.MinMaxMsgSize + 1

// A stream is a Conn on a connected stream socket.
type stream struct {
	protocol      wire.Protocol
	guard         sync.Mutex // guards socket
	socket        streamSocket
	raw           syscall.RawConn // of socket
	polled        *polledSocket   // socket, if it is a Poller's
	local, remote netip.AddrPort
	connectTime   time.Duration // how long connecting took (MPTCP); 0: accepted
	asked         bool          // accepted as plain TCP, though its SYN carried MPTCP
	sender        streamSender
	receiver      streamReceiver
	counts        counters
}

// A streamSocket is package net's, also for MPTCP, or a Poller's.
type streamSocket interface {
	bounded
	CloseWrite() error
}

// newStream takes c over, and closes it if o cannot be applied. zone is that of
// link-local addresses.
func newStream(p wire.Protocol, c *net.TCPConn, zone string, o Options) (*stream, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		c.Close()
		return nil, err
	}
	s := &stream{
		protocol: p,
		socket:   c,
		raw:      raw,
		local:    withZone(addrPort(c.LocalAddr()), zone),
		remote:   withZone(addrPort(c.RemoteAddr()), zone),
	}
	s.sender.init(raw, writeNow, &s.counts)
	s.receiver.init(raw, readNow)
	// Go switches Nagle's algorithm off and keepalives on; a data channel shall
	// carry what is measured and nothing else.
	err = c.SetNoDelay(o.NoDelay)
	if err == nil {
		err = c.SetKeepAlive(false)
	}
	if err != nil {
		c.Close()
		return nil, err
	}
	return s, nil
}

func (s *stream) Send(b *SendBatch, wait bool) error {
	return s.describe("sending to", s.sender.send(b, wait))
}

func (s *stream) Receive(b *ReceiveBatch) error {
	return s.describe("receiving from", s.receiver.receive(b))
}

// current returns the socket: it may be replaced, see Adopt.
func (s *stream) current() streamSocket {
	s.guard.Lock()
	defer s.guard.Unlock()
	return s.socket
}

func (s *stream) CloseWrite() error                  { return plain(s.current().CloseWrite()) }
func (s *stream) SetReadDeadline(t time.Time) error  { return s.current().SetReadDeadline(t) }
func (s *stream) SetWriteDeadline(t time.Time) error { return s.current().SetWriteDeadline(t) }

func (s *stream) Close() error {
	s.guard.Lock()
	defer s.guard.Unlock()
	return plain(s.socket.Close())
}

func (s *stream) LocalAddr() netip.AddrPort  { return s.local }
func (s *stream) RemoteAddr() netip.AddrPort { return s.remote }

func (s *stream) Apply(o Options) error {
	if err := control(s.raw, func(fd int) error { return setStreamOptions(fd, o) }); err != nil {
		return fmt.Errorf("%s connection of %s: %w", s.protocol, s.remote, err)
	}
	return control(s.raw, func(fd int) error { return setNoDelay(fd, o.NoDelay) })
}

func (s *stream) descriptor() syscall.RawConn { return s.raw }
func (s *stream) events() EventCounts         { return s.counts.read() }

// describe says which system call's error this is. The other ones are those
// that callers expect and compare.
func (s *stream) describe(what string, err error) error {
	if _, ok := err.(syscall.Errno); ok {
		return fmt.Errorf("%s %s %s: %w", s.protocol, what, s.remote, err)
	}
	return err
}

// counters are kept by the goroutines of a connection.
type counters struct{ refused, noBuffers, fallbacks atomic.Uint64 }

func (c *counters) read() EventCounts {
	return EventCounts{Refused: c.refused.Load(), NoBuffers: c.noBuffers.Load(), Fallbacks: c.fallbacks.Load()}
}

// plain takes away what package net wraps around its errors, whose texts speak
// of Go's internals ("raw-write").
func plain(err error) error {
	for _, known := range []error{os.ErrDeadlineExceeded, net.ErrClosed} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}

// inner takes the address away that package net puts into its errors: Dial and
// Listen name it.
func inner(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// fromLocal names the local address in an error of binding to it, which says
// nothing of the remote one that a dialler names.
func fromLocal(local netip.Addr, err error) error {
	var call *os.SyscallError
	if local.IsValid() && errors.As(err, &call) && call.Syscall == "bind" {
		return fmt.Errorf("from the local address %s: %w", local, err)
	}
	return err
}

// control runs f on a socket's descriptor.
func control(raw syscall.RawConn, f func(fd int) error) error {
	var err error
	if e := raw.Control(func(fd uintptr) { err = f(int(fd)) }); e != nil {
		return plain(e)
	}
	return err
}
