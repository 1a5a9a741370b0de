// Package wire turns NetPerfMeter protocol messages into bytes and back.
//
// It owns the layouts, the constants and the limits of the protocol, and
// nothing else: no sockets, no clocks, no logging, no goroutines. Decoding
// never keeps a reference to the caller's bytes, except where a comment says
// so. All integers are big-endian unless a comment says otherwise.
package wire

import "fmt"

// Identifiers of the protocol. They are types of their own so that a flow
// cannot be taken for a stream, nor a frame for a message.
type (
	// FlowID is chosen by the active side; it may occur on several streams.
	FlowID uint32
	// StreamID counts the streams of an association or connection from 0.
	StreamID uint16
	// MeasurementID is chosen at random by the active side.
	MeasurementID uint64
	// FrameID counts the frames of one flow and direction from 0 and wraps.
	FrameID uint32
	// Seq counts the messages of one flow and direction from 0.
	Seq uint64
)

// Key identifies a flow of a measurement.
type Key struct {
	Measurement MeasurementID
	Flow        FlowID
	Stream      StreamID
}

func (k Key) String() string {
	return fmt.Sprintf("measurement %016x flow %d stream %d", uint64(k.Measurement), k.Flow, k.Stream)
}

// Protocol is a transport protocol as ADD_FLOW names it: the IP protocol
// number where there is one.
type Protocol uint16

// The transports that the protocol knows.
const (
	TCP   Protocol = 6
	UDP   Protocol = 17
	DCCP  Protocol = 33
	SCTP  Protocol = 132
	QUIC  Protocol = 261
	MPTCP Protocol = 262
)

func (p Protocol) String() string {
	switch p {
	case TCP:
		return "TCP"
	case UDP:
		return "UDP"
	case DCCP:
		return "DCCP"
	case SCTP:
		return "SCTP"
	case QUIC:
		return "QUIC"
	case MPTCP:
		return "MPTCP"
	}
	return fmt.Sprintf("protocol %d", uint16(p))
}

// known tells whether p is one of the constants above.
func (p Protocol) known() bool {
	switch p {
	case TCP, UDP, DCCP, SCTP, QUIC, MPTCP:
		return true
	}
	return false
}

// DistributionKind numbers the distributions that a message can carry.
type DistributionKind uint8

// The distributions and the meaning of their parameters.
const (
	Constant    DistributionKind = 0 // Values[0]
	Uniform     DistributionKind = 1 // Values[0] <= x < Values[1]
	Exponential DistributionKind = 2 // mean Values[0]
	Pareto      DistributionKind = 3 // location Values[0], shape Values[1]
	Normal      DistributionKind = 4 // mean Values[0], standard deviation Values[1]
	TruncNormal DistributionKind = 5 // normal, values >= 0 only
)

// Distribution is a distribution with its parameters, as ADD_FLOW carries it.
type Distribution struct {
	Kind   DistributionKind
	Values [4]float64
}

// Event is one entry of an on/off list: the time, in seconds, at which a flow
// changes its state.
type Event struct {
	Time     Distribution
	Relative bool // to the previous entry, else to the start of the measurement
}
