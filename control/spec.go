package control

import (
	"fmt"
	"math"
	"time"

	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// defaultDefragTimeout is what the passive side uses: ADD_FLOW does not carry
// the active side's value.
const defaultDefragTimeout = 5 * time.Second

// DefaultCongestionControl is the word for the system's own choice.
const DefaultCongestionControl = "default"

// Bits and words of ADD_FLOW's retransmission field.
const (
	rtxMilliseconds = 1 << 31
	rtxDefault      = 0xffffffff
)

// FromSpec makes the ADD_FLOW message of a flow for a peer of the given
// version. The message describes what the passive side is to send, which is
// the incoming direction of the active side. It fails where the peer's version
// cannot understand the flow.
func FromSpec(spec traffic.FlowSpec, measurement wire.MeasurementID, version PeerVersion) (wire.AddFlow, error) {
	m := wire.AddFlow{
		Key:                  wire.Key{Measurement: measurement, Flow: spec.ID, Stream: spec.Stream},
		Protocol:             spec.Protocol,
		Description:          spec.Description,
		Ordered:              spec.Ordered,
		Reliable:             spec.Reliable,
		RetransmissionTrials: rtxField(spec.Rtx),
		FrameRate:            spec.Incoming.Rate,
		FrameSize:            spec.Incoming.Size,
		RcvBuffer:            uint32(spec.RcvBuf),
		SndBuffer:            uint32(spec.SndBuf),
		MaxMsgSize:           uint16(spec.MaxMsgSize),
		CMT:                  spec.CMT,
		CCID:                 spec.CCID,
		CongestionControl:    spec.CC,
		Debug:                spec.Debug,
		NoDelay:              spec.NoDelay,
		Repeat:               spec.Repeat,
		Events:               spec.OnOff,
	}
	if m.CongestionControl == "" {
		m.CongestionControl = DefaultCongestionControl
	}
	if m.FrameRate.Kind == traffic.Poisson {
		// The protocol has none: a program of ours is told by an option, and
		// no other gets as far as sending.
		m.FrameRate.Kind = wire.Constant
	}
	if version == Version19 {
		if err := translateTo19(&m); err != nil {
			return wire.AddFlow{}, fmt.Errorf("flow %d: %w", spec.ID, err)
		}
	}
	return m, nil
}

// ToSpec turns a received ADD_FLOW into the flow as the passive side sees it:
// what the message describes is this side's outgoing direction. The error
// names what is not plausible.
func ToSpec(m wire.AddFlow) (traffic.FlowSpec, error) {
	if m.Legacy() {
		translateFrom19(&m)
	}
	if err := check(m); err != nil {
		return traffic.FlowSpec{}, err
	}
	spec := traffic.FlowSpec{
		Protocol:      m.Protocol,
		ID:            m.Flow,
		IDSet:         true,
		Stream:        m.Stream,
		Description:   m.Description,
		Outgoing:      traffic.Direction{Rate: m.FrameRate, Size: m.FrameSize},
		MaxMsgSize:    int(m.MaxMsgSize),
		DefragTimeout: defaultDefragTimeout,
		Ordered:       m.Ordered,
		Reliable:      m.Reliable,
		SndBuf:        int(m.SndBuffer),
		RcvBuf:        int(m.RcvBuffer),
		OnOff:         m.Events,
		Repeat:        m.Repeat,
		NoDelay:       m.NoDelay,
		Debug:         m.Debug,
		CMT:           m.CMT,
		CCID:          m.CCID,
		CC:            m.CongestionControl,
	}
	if m.RetransmissionTrials != rtxDefault {
		spec.Rtx = traffic.Retransmission{
			Set:          true,
			Milliseconds: m.RetransmissionTrials&rtxMilliseconds != 0,
			Value:        m.RetransmissionTrials &^ rtxMilliseconds,
		}
	}
	return spec, nil
}

// Amend adds to a flow what ADD_FLOW could not say of it. The options are those
// that ParseOptions read.
func (o Options) Amend(spec traffic.FlowSpec) traffic.FlowSpec {
	f := o.of(spec)
	if f.DefragTimeoutMS > 0 {
		spec.DefragTimeout = time.Duration(f.DefragTimeoutMS) * time.Millisecond
	}
	if f.rate != nil {
		spec.Outgoing.Rate = *f.rate
	}
	return spec
}

// Gap returns how long a time without a message of a flow has to be to be
// listed, 0 for no list.
func (o Options) Gap(spec traffic.FlowSpec) time.Duration {
	if f := o.of(spec); f.GapUS != nil {
		return time.Duration(*f.GapUS) * time.Microsecond
	}
	return time.Duration(o.GapUS) * time.Microsecond
}

// of finds what is said of a flow.
func (o Options) of(spec traffic.FlowSpec) FlowOptions {
	if i, ok := o.index[wire.Key{Flow: spec.ID, Stream: spec.Stream}]; ok {
		return o.Flows[i]
	}
	return FlowOptions{}
}

func check(m wire.AddFlow) error {
	if m.SndBuffer > math.MaxInt32 || m.RcvBuffer > math.MaxInt32 {
		return fmt.Errorf("buffer sizes of %d and %d bytes: expected at most %d", m.SndBuffer, m.RcvBuffer, math.MaxInt32)
	}
	switch m.Protocol {
	case wire.SCTP, wire.QUIC:
	default:
		if m.Stream != 0 {
			return fmt.Errorf("stream %d: %v has stream 0 only", m.Stream, m.Protocol)
		}
	}
	if err := traffic.CheckRate(m.FrameRate); err != nil {
		return fmt.Errorf("frame rate: %w", err)
	}
	if err := traffic.CheckSize(m.FrameSize); err != nil {
		return fmt.Errorf("frame size: %w", err)
	}
	if err := traffic.CheckEvents(m.Events, m.Repeat); err != nil {
		return fmt.Errorf("on/off list: %w", err)
	}
	return nil
}

func rtxField(r traffic.Retransmission) uint32 {
	switch {
	case !r.Set:
		return rtxDefault
	case r.Milliseconds:
		return r.Value | rtxMilliseconds
	}
	return r.Value &^ rtxMilliseconds
}
