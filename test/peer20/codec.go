package peer20

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// Message types.
const (
	typeAck      = 1
	typeAdd      = 2
	typeRemove   = 3
	typeIdentify = 4
	typeData     = 5
	typeStart    = 6
	typeStop     = 7
	typeResults  = 8
)

// Protocol numbers in ADD_FLOW.
const (
	TCP   = 6
	MPTCP = 262
	UDP   = 17
)

// Flags of START; those of IDENTIFY are compress 1 and no vectors 2.
const (
	startCompressVectors = 1
	startCompressScalars = 2
	startNoVectors       = 4
	startNoScalars       = 8
	identifyCompress     = 1
	identifyNoVectors    = 2
)

const (
	identifyMagic  = 0x4bcdf3aa303c6774
	dataHeader     = 48
	maxResultsData = 1400
	addFlowSize    = 194
	eventSize      = 36
)

var big = binary.BigEndian

// Key names a flow.
type Key struct {
	Measurement uint64
	Flow        uint32
	Stream      uint16
}

// Distribution is a kind (0 constant ... 5 truncated normal) and its four parameters.
type Distribution struct {
	Kind uint8
	V    [4]float64
}

// Constant returns a constant distribution.
func Constant(v float64) Distribution { return Distribution{V: [4]float64{v}} }

// Event is an entry of an on/off list.
type Event struct {
	Distribution
	Relative bool
}

// AddFlow is an ADD_FLOW message; the rates and sizes are those of the direction from passive to active.
type AddFlow struct {
	Key
	Protocol             uint16
	Description          string
	Ordered, Reliable    uint32
	RetransmissionTrials uint32
	Rate, Size           Distribution
	RcvBuffer, SndBuffer uint32
	MaxMsgSize           uint16
	CMT, CCID            uint8
	NDiffPorts           uint16
	PathMgr              string
	CongestionControl    string
	Scheduler            string
	Flags                uint8 // 1 debug, 2 no-delay, 4 repeat
	Events               []Event
}

func header(kind, flags uint8, length int) []byte {
	b := make([]byte, length)
	b[0], b[1] = kind, flags
	big.PutUint16(b[2:], uint16(length))
	return b
}

func putKey(b []byte, k Key) {
	big.PutUint32(b[4:], k.Flow)
	big.PutUint64(b[8:], k.Measurement)
	big.PutUint16(b[16:], k.Stream)
}

func getKey(b []byte) Key {
	return Key{Flow: big.Uint32(b[4:]), Measurement: big.Uint64(b[8:]), Stream: big.Uint16(b[16:])}
}

func putDistribution(b []byte, d Distribution) {
	for i, v := range d.V {
		big.PutUint64(b[8*i:], math.Float64bits(v))
	}
}

func getDistribution(b []byte, kind uint8) Distribution {
	d := Distribution{Kind: kind}
	for i := range d.V {
		d.V[i] = math.Float64frombits(big.Uint64(b[8*i:]))
	}
	return d
}

func encodeAck(k Key, status uint32) []byte {
	b := header(typeAck, 0, 24)
	putKey(b, k)
	big.PutUint32(b[20:], status)
	return b
}

func encodeAdd(a *AddFlow) []byte {
	b := header(typeAdd, a.Flags, addFlowSize+eventSize*len(a.Events))
	putKey(b, a.Key)
	binary.LittleEndian.PutUint16(b[18:], a.Protocol)
	copy(b[20:52], a.Description)
	big.PutUint32(b[52:], a.Ordered)
	big.PutUint32(b[56:], a.Reliable)
	big.PutUint32(b[60:], a.RetransmissionTrials)
	putDistribution(b[64:], a.Rate)
	putDistribution(b[96:], a.Size)
	b[128], b[129] = a.Rate.Kind, a.Size.Kind
	big.PutUint32(b[130:], a.RcvBuffer)
	big.PutUint32(b[134:], a.SndBuffer)
	big.PutUint16(b[138:], a.MaxMsgSize)
	b[140], b[141] = a.CMT, a.CCID
	big.PutUint16(b[142:], a.NDiffPorts)
	copy(b[144:160], a.PathMgr)
	copy(b[160:176], a.CongestionControl)
	copy(b[176:192], a.Scheduler)
	big.PutUint16(b[192:], uint16(len(a.Events)))
	for i, e := range a.Events {
		at := b[addFlowSize+eventSize*i:]
		at[0] = e.Kind
		if e.Relative {
			at[1] = 1
		}
		putDistribution(at[4:], e.Distribution)
	}
	return b
}

func decodeAdd(b []byte) (*AddFlow, error) {
	if len(b) < addFlowSize {
		return nil, fmt.Errorf("ADD_FLOW of %d bytes", len(b))
	}
	text := func(from, to int) string {
		s, _, _ := strings.Cut(string(b[from:to]), "\x00")
		return s
	}
	a := &AddFlow{
		Key: getKey(b), Protocol: binary.LittleEndian.Uint16(b[18:]), Description: text(20, 52),
		Ordered: big.Uint32(b[52:]), Reliable: big.Uint32(b[56:]), RetransmissionTrials: big.Uint32(b[60:]),
		Rate: getDistribution(b[64:], b[128]), Size: getDistribution(b[96:], b[129]),
		RcvBuffer: big.Uint32(b[130:]), SndBuffer: big.Uint32(b[134:]), MaxMsgSize: big.Uint16(b[138:]),
		CMT: b[140], CCID: b[141], NDiffPorts: big.Uint16(b[142:]), PathMgr: text(144, 160),
		CongestionControl: text(160, 176), Scheduler: text(176, 192), Flags: b[1],
	}
	count := int(big.Uint16(b[192:]))
	if len(b) != addFlowSize+count*eventSize {
		return nil, fmt.Errorf("ADD_FLOW of %d bytes for %d events", len(b), count)
	}
	for i := range count {
		at := b[addFlowSize+eventSize*i:]
		a.Events = append(a.Events, Event{getDistribution(at[4:], at[0]), at[1]&1 != 0})
		if at[2] != 0 || at[3] != 0 || at[0] > 5 {
			return nil, fmt.Errorf("ADD_FLOW with event %d malformed", i)
		}
	}
	if b[128] > 5 || b[129] > 5 || a.MaxMsgSize < dataHeader || a.Stream != 0 {
		return nil, fmt.Errorf("ADD_FLOW that a reference cannot follow: %+v", *a)
	}
	return a, nil
}

func encodeRemove(k Key) []byte {
	b := header(typeRemove, 0, 18)
	putKey(b, k)
	return b
}

func encodeIdentify(k Key, flags uint8) []byte {
	b := header(typeIdentify, flags, 26)
	big.PutUint32(b[4:], k.Flow)
	big.PutUint64(b[8:], identifyMagic)
	big.PutUint64(b[16:], k.Measurement)
	big.PutUint16(b[24:], k.Stream)
	return b
}

func decodeIdentify(b []byte) (Key, uint8, error) {
	if len(b) != 26 || big.Uint64(b[8:]) != identifyMagic {
		return Key{}, 0, fmt.Errorf("malformed IDENTIFY_FLOW of %d bytes", len(b))
	}
	return Key{Flow: big.Uint32(b[4:]), Measurement: big.Uint64(b[16:]), Stream: big.Uint16(b[24:])}, b[1], nil
}

// obsolete tells of what only a 1.9.x writes: a program of today leaves these fields empty.
func (a *AddFlow) obsolete() bool { return a.NDiffPorts != 0 || a.PathMgr != "" || a.Scheduler != "" }

// encodeStartStop makes a START or STOP.
func encodeStartStop(kind, flags uint8, measurement uint64) []byte {
	b := header(kind, flags, 16)
	big.PutUint64(b[8:], measurement)
	return b
}

func encodeResults(piece []byte, last bool) []byte {
	b := header(typeResults, 0, 4+len(piece))
	if last {
		b[1] = 1
	}
	copy(b[4:], piece)
	return b
}

// pieces cuts a result file the way the reference does: full pieces, the flag on a shorter one, hence an empty one
// after an exact multiple.
func pieces(file []byte) [][]byte {
	var out [][]byte
	for len(file) >= maxResultsData {
		out = append(out, encodeResults(file[:maxResultsData], false))
		file = file[maxResultsData:]
	}
	return append(out, encodeResults(file, true))
}
