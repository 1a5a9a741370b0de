package control

import (
	"context"
	"encoding/json"
	"fmt"

	"netperfmeter/stats"
	"netperfmeter/sys"
	"netperfmeter/wire"
)

// ClockRequest is what the active side tells with its time stamp.
type ClockRequest struct {
	SentNS int64 `json:"sent_ns"` // its wall clock, nanoseconds since the epoch
	// OffsetNS is how much the passive side's clock is ahead, in nanoseconds:
	// it is to be taken out of the delays from now on, and out of those in
	// vector files with Vectors. nil: nothing changes.
	OffsetNS *int64 `json:"offset_ns,omitempty"`
	Vectors  bool   `json:"vectors,omitempty"`
	// Result is what was found in the end, for the passive side's scalars.
	Result *stats.ClockResult `json:"result,omitempty"`
}

// ClockAnswer is the passive side's wall clock, in nanoseconds since the epoch.
type ClockAnswer struct {
	ReceivedNS int64 `json:"received_ns"`
	AnsweredNS int64 `json:"answered_ns"`
}

// maxOffsetNS is an offset that no two clocks have: 50 years.
const maxOffsetNS = int64(50 * 365 * 86400 * 1e9)

// ParseClockRequest reads and checks the body of a Clock extension.
func ParseClockRequest(body []byte) (ClockRequest, error) {
	var r ClockRequest
	if err := json.Unmarshal(body, &r); err != nil {
		return r, fmt.Errorf("clock: %w", err)
	}
	if r.OffsetNS != nil && (*r.OffsetNS < -maxOffsetNS || *r.OffsetNS > maxOffsetNS) {
		return r, fmt.Errorf("clock: offset of %d ns: expected %d to %d", *r.OffsetNS, -maxOffsetNS, maxOffsetNS)
	}
	return r, nil
}

// ClockExchange is an exchange of time stamps whose answer has not come.
type ClockExchange struct{ sent, begin int64 }

// BeginClock sends this side's time stamp to a peer of ours, with what the
// request has besides. EndClock takes the answer, before any other request.
func (c *Client) BeginClock(request ClockRequest) (ClockExchange, error) {
	begin := sys.Monotonic()
	request.SentNS = sys.Realtime()
	text, err := json.Marshal(request)
	if err != nil {
		return ClockExchange{}, fmt.Errorf("%v: %w", wire.KindClock, err)
	}
	if err := c.conn.writeExtension(c.version, wire.KindClock, c.measurement, text); err != nil {
		return ClockExchange{}, fmt.Errorf("sending %v: %w", wire.KindClock, err)
	}
	return ClockExchange{sent: request.SentNS, begin: begin}, nil
}

// EndClock waits for the answer. ok is false where it is of no use, as when a
// clock was set meanwhile. ErrRefused: the peer does not do this.
func (c *Client) EndClock(ctx context.Context, e ClockExchange) (sample stats.ClockSample, ok bool, err error) {
	extension, err := c.receive(ctx, wire.KindClock)
	returned, end := sys.Realtime(), sys.Monotonic()
	if err != nil {
		return sample, false, err
	}
	if extension.Kind != wire.KindClock {
		if err := extension.accepted(wire.KindClock); err != nil {
			return sample, false, err
		}
		return sample, false, protocolError("a Reply in answer to %v", wire.KindClock)
	}
	var answer ClockAnswer
	if err := json.Unmarshal(extension.Body, &answer); err != nil {
		return sample, false, fmt.Errorf("%w: %v: %w", ErrProtocol, wire.KindClock, err)
	}
	readings := stats.ClockReadings{
		Sent: e.sent, Received: answer.ReceivedNS, Answered: answer.AnsweredNS, Returned: returned,
		At: e.begin + (end-e.begin)/2, Took: end - e.begin,
	}
	sample, ok = readings.Sample()
	return sample, ok, nil
}

// Clock is BeginClock and EndClock.
func (c *Client) Clock(ctx context.Context, request ClockRequest) (sample stats.ClockSample, ok bool, err error) {
	e, err := c.BeginClock(request)
	if err != nil {
		return sample, false, err
	}
	return c.EndClock(ctx, e)
}

// WaitReadable returns nil when an answer has begun to arrive, and an error
// when the channel breaks or the context ends (its cause).
func (c *Client) WaitReadable(ctx context.Context) error { return c.conn.WaitReadable(ctx) }
