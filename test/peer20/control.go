package peer20

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// controlChannel reads messages as they come, so that a stray one is seen when it arrives and not when the next
// answer is waited for.
type controlChannel struct {
	conn     net.Conn
	recorder *recorder
	in       chan []byte // closed at the end of the connection
	most     int         // messages to send, then none; 0: all
	mu       sync.Mutex  // guards writing, and what follows
	sent     int
	err      error
}

// newControlChannel starts reading. The end of ctx closes the connection, which ends a blocked write as well.
func newControlChannel(ctx context.Context, conn net.Conn, r *recorder) *controlChannel {
	c := &controlChannel{conn: conn, recorder: r, in: make(chan []byte, 1<<16)}
	context.AfterFunc(ctx, func() { conn.Close() })
	go c.read()
	return c
}

// read ends when the connection does: the peer closes it or this side.
func (c *controlChannel) read() {
	defer close(c.in)
	r := bufio.NewReader(c.conn)
	for {
		b, err := readMessage(r)
		if err != nil {
			c.mu.Lock()
			c.err = err
			c.mu.Unlock()
			return
		}
		c.recorder.control(false, b)
		c.in <- b
	}
}

func (c *controlChannel) send(b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent++; c.most > 0 && c.sent > c.most {
		return nil
	}
	c.recorder.control(true, b)
	if _, err := c.conn.Write(b); err != nil {
		return fmt.Errorf("writing on the control channel: %w", err)
	}
	return nil
}

// next waits for a message. limit 0: as long as ctx lives. io.EOF: the peer has closed.
func (c *controlChannel) next(ctx context.Context, limit time.Duration) ([]byte, error) {
	var late <-chan time.Time
	if limit > 0 {
		late = time.After(limit)
	}
	select {
	case b, ok := <-c.in:
		if !ok {
			c.mu.Lock()
			defer c.mu.Unlock()
			return nil, c.err
		}
		return b, nil
	case <-late:
		return nil, errNoAnswer
	case <-ctx.Done():
		return nil, fmt.Errorf("waiting on the control channel: %w", context.Cause(ctx))
	}
}

var errNoAnswer = errors.New("no answer in time")

// acknowledged waits for the acknowledgement of k with Status 0 and takes nothing else.
func (c *controlChannel) acknowledged(ctx context.Context, k Key, limit time.Duration, of string) error {
	b, err := c.next(ctx, limit)
	if err != nil {
		return fmt.Errorf("acknowledgement of %s: %w", of, err)
	}
	if b[0] != typeAck || len(b) != 24 {
		return fmt.Errorf("acknowledgement of %s: got message of type %d with %d bytes", of, b[0], len(b))
	}
	if got := getKey(b); got != k {
		return fmt.Errorf("acknowledgement of %s: it is for %+v instead of %+v", of, got, k)
	}
	if status := big.Uint32(b[20:]); status != 0 {
		return fmt.Errorf("acknowledgement of %s: status %d", of, status)
	}
	return nil
}

// quiet complains about a message that nobody asked for.
func (c *controlChannel) quiet(when string) error {
	select {
	case b, ok := <-c.in:
		if !ok {
			return fmt.Errorf("control channel closed %s", when)
		}
		return fmt.Errorf("message of type %d (%d bytes) on the control channel %s", b[0], len(b), when)
	default:
		return nil
	}
}

// results collects one result file.
func (c *controlChannel) results(ctx context.Context, of string) ([]byte, error) {
	var file []byte
	for {
		b, err := c.next(ctx, 0)
		if err != nil {
			return nil, fmt.Errorf("results (%s): %w", of, err)
		}
		if b[0] != typeResults {
			return nil, fmt.Errorf("results (%s): message of type %d", of, b[0])
		}
		if len(b) > 4+maxResultsData {
			return nil, fmt.Errorf("results (%s): piece of %d bytes", of, len(b)-4)
		}
		file = append(file, b[4:]...)
		if b[1]&1 != 0 {
			return file, nil
		}
		if len(b) == 4 {
			return nil, fmt.Errorf("results (%s): empty piece that is not the last one", of)
		}
	}
}

func isEnd(err error) bool { return errors.Is(err, io.EOF) }
