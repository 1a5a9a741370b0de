package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"netperfmeter/wire"
)

// Conn is a control channel: whole messages in, whole messages out.
type Conn struct {
	conn   net.Conn
	reader *bufio.Reader
	read   []byte // the message that is being read, as far as it has come

	writing sync.Mutex // guards the order of writes
	timeout time.Duration
	limit   time.Time // no write goes on after it; zero: there is none
}

// Message is one message as it was received. Bytes holds all of it, header
// included, and is valid until the next Read.
type Message struct {
	wire.Header
	Bytes []byte
}

// NewConn wraps a connected control channel. A write that makes no headway
// for the time-out fails, so that a peer that reads nothing holds nobody up.
func NewConn(conn net.Conn, timeout time.Duration) *Conn {
	return &Conn{
		conn:    conn,
		reader:  bufio.NewReader(conn),
		timeout: timeout,
	}
}

// Read returns the next message. It returns when a message is complete, the
// read deadline passes, or the channel is closed or broken: io.EOF for an end
// between two messages. After a deadline the next Read goes on where this one
// stopped.
func (c *Conn) Read() (Message, error) {
	if err := c.fill(wire.HeaderSize); err != nil {
		return Message{}, err
	}
	header, err := wire.ParseHeader(c.read)
	if err != nil {
		return Message{}, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if err := c.fill(header.Length); err != nil {
		return Message{}, err
	}
	message := Message{Header: header, Bytes: c.read[:header.Length]}
	c.read = c.read[:0]
	return message, nil
}

// fill reads until the message has n bytes.
func (c *Conn) fill(n int) error {
	c.read = slices.Grow(c.read, max(n-len(c.read), 0))
	for len(c.read) < n {
		got, err := c.reader.Read(c.read[len(c.read):n])
		c.read = c.read[:len(c.read)+got]
		if err != nil && len(c.read) < n {
			if errors.Is(err, io.EOF) && len(c.read) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}

// WaitReadable returns nil when a message has begun to arrive, and an error
// when the channel breaks or the context ends.
func (c *Conn) WaitReadable(ctx context.Context) error {
	release := c.endReadsWith(ctx)
	_, err := c.reader.Peek(1)
	release()
	if err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		return context.Cause(ctx)
	}
	return err
}

// ReadTimeout is Read with a bound; the context ends the wait as well.
func (c *Conn) ReadTimeout(ctx context.Context, timeout time.Duration) (Message, error) {
	c.conn.SetReadDeadline(time.Now().Add(timeout))
	release := c.endReadsWith(ctx)
	message, err := c.Read()
	release()
	if err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		if ctx.Err() != nil {
			return Message{}, context.Cause(ctx)
		}
		return Message{}, fmt.Errorf("%w (%v)", ErrNoAnswer, timeout)
	}
	return message, err
}

// endReadsWith makes reads end when the context does. The function it returns
// undoes that, after an end that is just under way has taken place.
func (c *Conn) endReadsWith(ctx context.Context) (release func()) {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.conn.SetReadDeadline(time.Unix(1, 0))
		close(ended)
	})
	return func() {
		if !stop() {
			<-ended
		}
		c.conn.SetReadDeadline(time.Time{})
	}
}

// Write sends one whole message.
func (c *Conn) Write(message []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if c.timeout > 0 {
		until := time.Now().Add(c.timeout)
		if !c.limit.IsZero() && c.limit.Before(until) {
			until = c.limit
		}
		c.conn.SetWriteDeadline(until)
	}
	_, err := c.conn.Write(message)
	return err
}

// LimitWrites makes every write fail that would go on after an instant. It is
// for the time before the first one.
func (c *Conn) LimitWrites(until time.Time) { c.limit = until }

// Close ends the channel; blocked calls return.
func (c *Conn) Close() error { return c.conn.Close() }

// SetReadDeadline bounds the next reads; the zero time lifts the bound.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.conn.SetReadDeadline(t) }

// LocalAddr is this side's address; invalid where the channel has none.
func (c *Conn) LocalAddr() netip.Addr {
	addr, _ := netip.ParseAddrPort(c.conn.LocalAddr().String())
	return addr.Addr()
}

// RemoteAddr is the peer's address.
func (c *Conn) RemoteAddr() net.Addr { return c.conn.RemoteAddr() }
