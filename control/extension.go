package control

import (
	"encoding/json"
	"fmt"

	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// Extension is what two programs of ours say to one another beyond the
// protocol (../wire/PROTOCOL.md): a kind, and a body in JSON whose unknown
// fields are ignored.
type Extension struct {
	Version int
	Kind    wire.Kind
	Body    []byte // empty: the active side asks
}

// Reply answers what has no answer of its own kind.
type Reply struct {
	Status string    `json:"status"`
	Kind   wire.Kind `json:"kind"`
	Reason string    `json:"reason,omitempty"`
}

// The outcomes that a Reply can name.
const (
	ReplyOkay        = "okay"
	ReplyUnsupported = "unsupported"
	ReplyError       = "error"
)

// WriteExtension sends an extension with the JSON form of body.
func (c *Conn) WriteExtension(version int, kind wire.Kind, id wire.MeasurementID, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%v: %w", kind, err)
	}
	return c.writeExtension(version, kind, id, text)
}

func (c *Conn) writeExtension(version int, kind wire.Kind, id wire.MeasurementID, text []byte) error {
	messages, err := wire.AppendExtension(nil, version, kind, id, text)
	if err != nil {
		return err
	}
	return c.Write(messages)
}

// JoinExtension adds one message to the body that it is a part of; done with
// the last part.
func JoinExtension(parts *wire.ExtensionBody, message Message, id wire.MeasurementID) (whole Extension, done bool, err error) {
	m, err := wire.ParseExtension(message.Bytes)
	if err != nil {
		return Extension{}, false, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	if m.Measurement != id {
		return Extension{}, false, protocolError("EXTENSION of measurement %016x", uint64(m.Measurement))
	}
	body, done, err := parts.Add(m)
	if err != nil {
		return Extension{}, false, fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return Extension{Version: m.Version, Kind: m.Kind, Body: body}, done, nil
}

// Options is the active side's wish for the passive side's end of a
// measurement; it comes before START.
type Options struct {
	Seed        uint64        `json:"seed"`            // of the passive side's random values
	IntervalMS  int64         `json:"interval_ms"`     // between statistics events
	VectorEvery int           `json:"vector_every"`    // every n-th message gets a line
	Batch       int           `json:"batch"`           // messages per call at most, 0: free
	RuntimeUS   int64         `json:"runtime_us"`      // nothing planned for later is sent, 0: no end
	OmitUS      int64         `json:"omit_us"`         // a warm-up that is not part of the results
	GapUS       int64         `json:"gap_us"`          // longer times without a message are listed, 0: none are
	Flows       []FlowOptions `json:"flows,omitempty"` // those that differ from ADD_FLOW

	index map[wire.Key]int // of Flows, as they were read
}

// FlowOptions is what ADD_FLOW cannot say of a flow.
type FlowOptions struct {
	Flow            wire.FlowID   `json:"flow"`
	Stream          wire.StreamID `json:"stream"`
	DefragTimeoutMS int64         `json:"defrag_timeout_ms,omitempty"`
	Rate            string        `json:"rate,omitempty"`   // a distribution as FLOWSPEC writes it
	GapUS           *int64        `json:"gap_us,omitempty"` // of this flow, if it is not that of all

	rate *wire.Distribution // Rate, read and checked
}

// FinalCounts tells the other side what was sent in all, so that loss at the
// very end of a flow is known.
type FinalCounts struct {
	Flows []FinalCount `json:"flows"`
}

// FinalCount is one flow's part: all that its sender's transport accepted.
type FinalCount struct {
	Flow    wire.FlowID   `json:"flow"`
	Stream  wire.StreamID `json:"stream"`
	Bytes   uint64        `json:"bytes"`
	Packets uint64        `json:"packets"`
	Frames  uint64        `json:"frames"`
}

// NewFinalCounts lists what was sent.
func NewFinalCounts(sent map[wire.Key]stats.Counts) FinalCounts {
	counts := FinalCounts{Flows: make([]FinalCount, 0, len(sent))}
	for key, c := range sent {
		counts.Flows = append(counts.Flows, FinalCount{
			Flow: key.Flow, Stream: key.Stream, Bytes: c.Bytes, Packets: c.Packets, Frames: c.Frames,
		})
	}
	return counts
}

// ByKey returns the counts by the flows' keys.
func (f FinalCounts) ByKey(id wire.MeasurementID) map[wire.Key]*stats.Counts {
	counts := make(map[wire.Key]*stats.Counts, len(f.Flows))
	for _, c := range f.Flows {
		key := wire.Key{Measurement: id, Flow: c.Flow, Stream: c.Stream}
		counts[key] = &stats.Counts{Bytes: c.Bytes, Packets: c.Packets, Frames: c.Frames}
	}
	return counts
}

// Limits of what a peer may ask for.
const (
	minIntervalMS = 10
	maxIntervalMS = 86400_000
	maxRuntimeUS  = 100 * 365 * 86400 * 1000_000
)

// ParseOptions reads and checks the body of an Options extension.
func ParseOptions(body []byte) (Options, error) {
	var o Options
	if err := json.Unmarshal(body, &o); err != nil {
		return o, fmt.Errorf("options: %w", err)
	}
	if o.IntervalMS != 0 && (o.IntervalMS < minIntervalMS || o.IntervalMS > maxIntervalMS) {
		return o, fmt.Errorf("options: interval of %d ms: expected %d to %d", o.IntervalMS, minIntervalMS, maxIntervalMS)
	}
	if o.VectorEvery < 0 || o.Batch < 0 {
		return o, fmt.Errorf("options: vector_every %d, batch %d: expected 0 or more", o.VectorEvery, o.Batch)
	}
	o.index = make(map[wire.Key]int, len(o.Flows))
	for i := range o.Flows {
		f := &o.Flows[i]
		if err := f.check(); err != nil {
			return o, fmt.Errorf("options: flow %d: %w", f.Flow, err)
		}
		o.index[wire.Key{Flow: f.Flow, Stream: f.Stream}] = i
	}
	if min(o.RuntimeUS, o.OmitUS, o.GapUS) < 0 || max(o.RuntimeUS, o.OmitUS, o.GapUS) > maxRuntimeUS {
		return o, fmt.Errorf("options: run time of %d us, warm-up of %d us, gaps of %d us: expected 0 to %d",
			o.RuntimeUS, o.OmitUS, o.GapUS, int64(maxRuntimeUS))
	}
	return o, nil
}

func (f *FlowOptions) check() error {
	if f.DefragTimeoutMS < 0 || f.DefragTimeoutMS > maxIntervalMS {
		return fmt.Errorf("defragmentation time-out of %d ms: expected 0 to %d", f.DefragTimeoutMS, maxIntervalMS)
	}
	if f.GapUS != nil && (*f.GapUS < 0 || *f.GapUS > maxRuntimeUS) {
		return fmt.Errorf("gaps of %d us: expected 0 to %d", *f.GapUS, int64(maxRuntimeUS))
	}
	if f.Rate == "" {
		return nil
	}
	rate, err := traffic.ParseDistribution(f.Rate)
	if err == nil {
		err = traffic.CheckRate(rate)
	}
	f.rate = &rate
	return err
}

// ParseFinalCounts reads the body of a FinalCounts extension.
func ParseFinalCounts(body []byte) (FinalCounts, error) {
	var f FinalCounts
	if err := json.Unmarshal(body, &f); err != nil {
		return f, fmt.Errorf("final counts: %w", err)
	}
	return f, nil
}
