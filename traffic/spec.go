package traffic

import (
	"time"

	"netperfmeter/wire"
)

// FlowSpec describes a flow, as one FLOWSPEC does.
type FlowSpec struct {
	Protocol      wire.Protocol
	ID            wire.FlowID   // valid if IDSet
	IDSet         bool          // id= was given
	Stream        wire.StreamID // SCTP, QUIC; not part of the text
	Description   string        // "": none was given
	Outgoing      Direction     // active to passive
	Incoming      Direction     // passive to active
	MaxMsgSize    int           // bytes, MinMaxMsgSize to wire.MaxMessageSize
	DefragTimeout time.Duration
	Ordered       float64 // fraction 0 to 1 of the messages
	Reliable      float64 // fraction 0 to 1 of the messages
	Rtx           Retransmission
	SndBuf        int // bytes, 0: the system's
	RcvBuf        int // bytes, 0: the system's
	OnOff         []wire.Event
	Repeat        bool // begin OnOff anew after its last entry
	ErrorOnAbort  bool // the active side fails when the flow breaks
	NoDelay       bool
	Debug         bool // carried to the peer, no effect
	V6Only        bool
	CC            string // congestion control; DefaultCC: leave alone
	CMT           uint8  // CMTOff to CMTLikeMPTCP, or another number
	CCID          uint8  // DCCP, 0: the default

	// Warnings are what the user should know about the text that was parsed,
	// one sentence each.
	Warnings []string
}

// Retransmission is a limit for the unreliable messages of PR-SCTP.
type Retransmission struct {
	Set          bool   // else the transport's default
	Milliseconds bool   // Value is a lifetime, else a number of trials
	Value        uint32 // below 2^31
}

// Defaults are the values that a FLOWSPEC leaves to the command line.
type Defaults struct {
	SndBuf, RcvBuf int // bytes, 0: the system's
}

// Values of CMT, and what an option that is left out means.
const (
	CMTOff       = 0
	CMTOn        = 1
	CMTRPv1      = 2
	CMTRPv2      = 3
	CMTLikeMPTCP = 4

	MinMaxMsgSize        = 128   // bytes, for maxmsgsize=
	DefaultMaxMsgSize    = 16000 // bytes
	DefaultDefragTimeout = 5 * time.Second
	DefaultCC            = "default"
)

// newSpec returns a specification that says nothing.
func newSpec(p wire.Protocol, def Defaults) FlowSpec {
	s := FlowSpec{
		Protocol:      p,
		MaxMsgSize:    DefaultMaxMsgSize,
		DefragTimeout: DefaultDefragTimeout,
		Ordered:       1,
		Reliable:      1,
		SndBuf:        def.SndBuf,
		RcvBuf:        def.RcvBuf,
		ErrorOnAbort:  true,
		CC:            DefaultCC,
	}
	if p == wire.MPTCP {
		s.CMT = CMTLikeMPTCP
	}
	return s
}

// setDefaultTraffic sets what the word "default" stands for: full packets of
// a 1500-byte MTU, saturated where the transport controls congestion.
func (s *FlowSpec) setDefaultTraffic() {
	size, rate := 0.0, 0.0
	switch s.Protocol {
	case wire.TCP, wire.MPTCP:
		size = 1440
	case wire.UDP:
		size, rate = 1452, 25
	case wire.DCCP:
		size = 1420
	case wire.QUIC:
		size = 1400
	case wire.SCTP:
		size = 1432
	}
	s.Outgoing = Direction{Rate: constant(rate), Size: constant(size)}
}
