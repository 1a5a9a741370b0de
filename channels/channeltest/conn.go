package channeltest

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// A conn is one end of a pair.
type conn struct {
	mu            *sync.Mutex // guards the pipes; carry is the receiver's
	o             PairOptions
	in, out       *pipe
	local, remote netip.AddrPort
	carry         []byte // a stream's bytes that are not yet a message
}

func (c *conn) Send(b *channels.SendBatch, wait bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !b.Done() {
		switch {
		case c.out.writer.closed:
			return net.ErrClosed
		case c.out.ended:
			return fmt.Errorf("sending after the end: %w", syscall.EPIPE)
		case c.out.reader.closed && !c.o.Datagrams:
			return fmt.Errorf("sending to %s: %w", c.remote, syscall.EPIPE)
		case wait && c.out.writer.expired():
			return os.ErrDeadlineExceeded
		}
		sent, err := c.sendSome(b)
		switch {
		case err != nil:
			return err
		case sent:
		case !wait:
			return channels.ErrWouldBlock
		default:
			c.out.changed.Wait()
		}
	}
	return nil
}

// sendSome writes once and says whether anything fitted.
func (c *conn) sendSome(b *channels.SendBatch) (bool, error) {
	if !c.o.Datagrams {
		n := c.out.write(b.Buf[b.Offset:])
		b.Offset += n
		for b.Sent < len(b.Ends) && b.Ends[b.Sent] <= b.Offset {
			b.Sent++
		}
		return n > 0, nil
	}
	message := b.Buf[b.Offset:b.Ends[b.Sent]]
	if len(message) > channels.MaxDatagram {
		return false, &channels.MessageSizeError{Size: len(message), Err: syscall.EMSGSIZE}
	}
	if !c.out.reader.closed && !c.out.writeDatagram(message) {
		return false, nil
	}
	b.Offset = b.Ends[b.Sent]
	b.Sent++
	return true, nil
}

func (c *conn) Receive(b *channels.ReceiveBatch) error {
	b.Release()
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		if c.in.reader.closed {
			return net.ErrClosed
		}
		if c.in.reader.expired() {
			return os.ErrDeadlineExceeded
		}
		if err := c.take(b); err != nil || len(b.Msgs) > 0 {
			return err
		}
		c.in.changed.Wait()
	}
}

// take moves what is there into b.
func (c *conn) take(b *channels.ReceiveBatch) error {
	if c.o.Datagrams {
		c.takeDatagrams(b)
		return nil
	}
	return c.takeStream(b)
}

func (c *conn) takeDatagrams(b *channels.ReceiveBatch) {
	start := 0
	for i, end := range c.in.ends {
		b.Msgs = append(b.Msgs, channels.Message{Start: uint32(start), End: uint32(end), Time: c.in.times[i]})
		start = end
	}
	if start > 0 {
		b.Buf = append(b.Buf, c.in.data...)
		c.in.clear()
	}
}

func (c *conn) takeStream(b *channels.ReceiveBatch) error {
	if len(c.in.data) > 0 {
		c.carry = append(c.carry, c.in.data...)
		c.in.clear()
	}
	now := time.Now().UnixNano()
	end := 0
	for len(c.carry)-end >= wire.HeaderSize {
		h, err := wire.ParseHeader(c.carry[end:])
		if err != nil {
			if end == 0 {
				return &channels.FramingError{Err: err}
			}
			break // first what is before it
		}
		if len(c.carry)-end < h.Length {
			break
		}
		b.Msgs = append(b.Msgs, channels.Message{Start: uint32(end), End: uint32(end + h.Length), Time: now})
		end += h.Length
	}
	b.Buf = append(b.Buf, c.carry[:end]...)
	c.carry = c.carry[:copy(c.carry, c.carry[end:])]
	switch {
	case end > 0 || !c.in.ended:
		return nil
	case len(c.carry) > 0:
		return io.ErrUnexpectedEOF
	}
	return io.EOF
}

func (c *conn) CloseWrite() error {
	if c.o.Datagrams {
		return channels.ErrUnsupported
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out.writer.closed {
		return net.ErrClosed
	}
	c.out.ended = true
	c.out.changed.Broadcast()
	return nil
}

func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out.writer.closed {
		return net.ErrClosed
	}
	c.out.ended = c.out.ended || !c.o.Datagrams
	c.out.close(&c.out.writer)
	c.in.close(&c.in.reader)
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error  { return c.setDeadline(c.in, &c.in.reader, t) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(c.out, &c.out.writer, t) }

func (c *conn) setDeadline(p *pipe, s *side, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	p.setDeadline(s, t)
	return nil
}

func (c *conn) LocalAddr() netip.AddrPort  { return c.local }
func (c *conn) RemoteAddr() netip.AddrPort { return c.remote }

func (c *conn) Apply(o channels.Options) error {
	if c.o.Apply == nil {
		return nil
	}
	return c.o.Apply(o)
}
