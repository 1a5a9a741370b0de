package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"netperfmeter/wire"
)

// Time limits of the active side. The reference knows none but the one for
// identification; a peer of ours answers within milliseconds, the reference's
// passive side within a second.
const (
	answerTimeout = 30 * time.Second
	// stopTimeout also covers the passive side's reading of what is in flight.
	stopTimeout = 60 * time.Second
	// resultsTimeout is the longest silence while results are transferred.
	resultsTimeout = 60 * time.Second
)

// Client is the active side's end of the conversation. One goroutine uses it
// at a time.
type Client struct {
	conn        *Conn
	measurement wire.MeasurementID
	version     int // of the extension that the peer has confirmed, 0: none
	identified  map[wire.Key]bool

	// Patience is how long an answer is waited for at least. What a path that
	// is down for a while may cost depends on what has been measured.
	Patience time.Duration
}

// NewClient begins a conversation about one measurement.
func NewClient(conn *Conn, measurement wire.MeasurementID) *Client {
	return &Client{
		conn:        conn,
		measurement: measurement,
		identified:  make(map[wire.Key]bool),
	}
}

// Ours tells whether the peer has shown itself to be a program of ours. It
// can be asked after the first acknowledgement.
func (c *Client) Ours() bool { return c.version > 0 }

// AddFlow adds a flow. It returns ErrRefused when the peer does not want it.
func (c *Client) AddFlow(ctx context.Context, m wire.AddFlow) error {
	message, err := m.Append(nil)
	if err != nil {
		return err
	}
	if err := c.conn.Write(message); err != nil {
		return fmt.Errorf("sending ADD_FLOW: %w", err)
	}
	return c.acknowledged(ctx, "ADD_FLOW", m.Key, answerTimeout)
}

// Identified waits until the peer has acknowledged the IDENTIFY_FLOW of a
// flow. ErrNoAnswer after the time-out, ErrRefused when the peer could not set
// its socket up as ADD_FLOW says.
func (c *Client) Identified(ctx context.Context, key wire.Key, timeout time.Duration) error {
	if err := c.acknowledged(ctx, "IDENTIFY_FLOW", key, timeout); err != nil {
		return err
	}
	c.identified[key] = true
	return nil
}

// Start begins the measurement.
func (c *Client) Start(ctx context.Context, m wire.Start) error {
	m.Measurement = c.measurement
	if err := c.conn.Write(m.Append(nil)); err != nil {
		return fmt.Errorf("sending START: %w", err)
	}
	return c.acknowledged(ctx, "START", wire.Key{Measurement: c.measurement}, answerTimeout)
}

// Stop ends the measurement; when it returns, the peer has closed its counters.
func (c *Client) Stop(ctx context.Context) error {
	m := wire.Stop{Measurement: c.measurement}
	if err := c.conn.Write(m.Append(nil)); err != nil {
		return fmt.Errorf("sending STOP: %w", err)
	}
	return c.acknowledged(ctx, "STOP", wire.Key{Measurement: c.measurement}, stopTimeout)
}

// RemoveFlow removes a flow. With vectors the peer acknowledges, and the
// flow's vector file follows; without, it answers nothing.
func (c *Client) RemoveFlow(ctx context.Context, key wire.Key, vectors bool) error {
	m := wire.RemoveFlow{Key: key}
	if err := c.conn.Write(m.Append(nil)); err != nil {
		return fmt.Errorf("sending REMOVE_FLOW: %w", err)
	}
	if !vectors {
		return nil
	}
	return c.acknowledged(ctx, "REMOVE_FLOW", key, resultsTimeout)
}

// Results copies one result file of the peer to w. A failing w does not stop
// the transfer: what follows on the channel is still understood, and the
// error of w is returned as a *SinkError. ErrIncomplete tells that the peer
// lacks the rest of the file, and what follows on the channel is sound.
func (c *Client) Results(ctx context.Context, w io.Writer) (n int64, err error) {
	var sink error
	for {
		message, err := c.conn.ReadTimeout(ctx, max(resultsTimeout, c.Patience))
		if err != nil {
			return n, fmt.Errorf("receiving results: %w", err)
		}
		if message.Type != wire.TypeResults {
			return n, protocolError("%v where RESULTS was expected", message.Type)
		}
		results, err := wire.ParseResults(message.Bytes)
		if err != nil {
			return n, fmt.Errorf("%w: %w", ErrProtocol, err)
		}
		n += int64(len(results.Data))
		if sink == nil {
			if _, err := w.Write(results.Data); err != nil {
				sink = &SinkError{err}
			}
		}
		switch {
		case results.Last && sink == nil && results.Incomplete && c.Ours():
			return n, ErrIncomplete
		case results.Last:
			return n, sink
		}
	}
}

// SinkError is an error of the writer that takes results, not of the channel.
type SinkError struct{ Err error }

func (e *SinkError) Error() string { return e.Err.Error() }

// Unwrap gives the writer's error.
func (e *SinkError) Unwrap() error { return e.Err }

// Watch returns when the control channel breaks while the measurement runs, or
// when the context ends. A passive side says nothing then.
func (c *Client) Watch(ctx context.Context) error {
	if err := c.conn.WaitReadable(ctx); err != nil {
		return err
	}
	message, err := c.conn.ReadTimeout(context.WithoutCancel(ctx), max(answerTimeout, c.Patience))
	if err != nil {
		return err
	}
	return protocolError("%v while the measurement runs", message.Type)
}

// acknowledged waits for the acknowledgement of a request. A second
// acknowledgement of an IDENTIFY_FLOW (the peer answered a repeated one as
// well) can come in front of it and is skipped.
func (c *Client) acknowledged(ctx context.Context, request string, key wire.Key, timeout time.Duration) error {
	limit := time.Now().Add(max(timeout, c.Patience))
	for {
		message, err := c.conn.ReadTimeout(ctx, time.Until(limit))
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("waiting for the answer to %s: %w", request, err)
		}
		if message.Type != wire.TypeAcknowledge {
			return protocolError("%v in answer to %s", message.Type, request)
		}
		answer, err := wire.ParseAcknowledge(message.Bytes)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrProtocol, err)
		}
		if answer.Key != key && c.identified[answer.Key] {
			continue
		}
		if answer.Key != key {
			return protocolError("%s of %v answered for %v", request, key, answer.Key)
		}
		if version, ok := wire.Confirmed(answer.Measurement, answer.Extension); ok {
			c.version = min(version, wire.ExtensionVersion)
		}
		if answer.Status != wire.StatusOkay {
			return ErrRefused
		}
		return nil
	}
}
