package wire

import "math"

// ADD_FLOW, control channel, active to passive.
const (
	// 4 to 17: key
	offAddProtocol    = 18  // u16, little-endian: in 1.9.x u8 and a zero byte
	offAddDescription = 20  // text, NUL-padded
	offAddOrdered     = 52  // u32, a fraction of fractionOne
	offAddReliable    = 56  // u32, a fraction of fractionOne
	offAddTrials      = 60  // u32
	offAddFrameRate   = 64  // four doubles
	offAddFrameSize   = 96  // four doubles
	offAddRateKind    = 128 // u8
	offAddSizeKind    = 129 // u8
	offAddRcvBuffer   = 130 // u32
	offAddSndBuffer   = 134 // u32
	offAddMaxMsgSize  = 138 // u16
	offAddCMT         = 140 // u8
	offAddCCID        = 141 // u8
	offAddNDiffPorts  = 142 // u16, obsolete
	offAddPathMgr     = 144 // text, obsolete
	offAddCongestion  = 160 // text, NUL-padded
	offAddScheduler   = 176 // text, obsolete
	offAddEvents      = 192 // u16: how many events follow
	addFlowSize       = 194

	flagAddDebug   = 1 << 0
	flagAddNoDelay = 1 << 1
	flagAddRepeat  = 1 << 2

	fractionOne = math.MaxUint32
)

// An event, one after another behind ADD_FLOW's fixed part. Its four doubles
// are its last valuesSize bytes; the padding before them has whatever was in
// the sender's memory.
const (
	offEventKind  = 0 // u8
	offEventFlags = 1 // u8

	flagEventRelative = 1 << 0

	// EventSize is what an event takes since 2.0.3.
	EventSize = 36
	// LegacyEventSize is what an event takes from 1.x to 2.0.2.
	LegacyEventSize = 40
)

const (
	// MaxDescription is how many bytes of a description travel.
	MaxDescription = offAddOrdered - offAddDescription
	// MaxName is the longest name of a congestion control.
	MaxName = offAddCongestion - offAddPathMgr
	// MaxEvents is the longest on/off list that fits into a message in either
	// form of its events.
	MaxEvents = (MaxMessageSize - addFlowSize) / LegacyEventSize
	// MaxBuffer is the largest socket buffer that can be asked for, in bytes:
	// setsockopt takes an int.
	MaxBuffer = math.MaxInt32
)

const (
	// DefaultTrials in RetransmissionTrials leaves the choice to the protocol.
	DefaultTrials = 0xffffffff
	// TrialsInMilliseconds is the bit of RetransmissionTrials that makes the
	// others count milliseconds.
	TrialsInMilliseconds = 1 << 31
)

// AddFlow describes a flow to the passive side. Its rate and its size are
// those of the direction passive to active; its events hold for both.
type AddFlow struct {
	Key
	Protocol             Protocol
	Description          string       // MaxDescription bytes of it travel
	Ordered              float64      // fraction 0 to 1 of the messages
	Reliable             float64      // fraction 0 to 1 of the messages
	RetransmissionTrials uint32       // as on the wire: see DefaultTrials
	FrameRate            Distribution // frames per second
	FrameSize            Distribution // bytes
	RcvBuffer            uint32       // bytes, 0: the system's, at most MaxBuffer
	SndBuffer            uint32       // the same
	MaxMsgSize           uint16       // bytes, MinMaxMsgSize or more
	CMT                  uint8        // 0 off, 1 CMT, 2 CMT/RPv1, 3 CMT/RPv2, 4 MPTCP
	CCID                 uint8        // DCCP's congestion control, 0: the default
	NDiffPorts           uint16       // obsolete: send 0, ignore
	PathMgr              string       // obsolete: send "", ignore
	CongestionControl    string       // at most MaxName bytes; "default": leave alone
	Scheduler            string       // obsolete: send "", ignore
	Debug                bool         // no effect
	NoDelay              bool
	Repeat               bool    // begin the events anew after the last one
	Events               []Event // at most MaxEvents
	EventSize            int     // EventSize or LegacyEventSize; 0: EventSize
}

// Legacy tells whether the message comes from a 1.9.x, which fills fields that
// are obsolete since. Such a peer means something else by a uniform
// distribution, see Distribution.FromLegacy.
func (m AddFlow) Legacy() bool {
	return m.NDiffPorts != 0 || m.PathMgr != "" || m.Scheduler != ""
}
