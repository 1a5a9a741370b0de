package wire

import (
	"encoding/binary"
	"fmt"
)

const (
	// MaxExtensionBody is how much of a body one EXTENSION carries at most; a
	// body's parts are all that long, but for the last one.
	MaxExtensionBody = 16384
	// MaxExtensionTotal is the longest body of all its parts: enough for the
	// state of some ten thousand flows, little enough for a hostile peer.
	MaxExtensionTotal = 8 << 20
)

// EXTENSION, control channel, both ways, only after recognition.
const (
	offExtensionKind        = 4 // u16
	offExtensionPart        = 6 // u16: counts a body's parts from 0
	offExtensionMeasurement = 8 // u64
	extensionSize           = 16

	// Bit 0 of the flags is set on a body's last part; the upper four bits are
	// the version that the sender speaks.
	flagExtensionLast     = 1 << 0
	extensionVersionShift = 4
)

// Kind says what an EXTENSION is about.
type Kind uint16

// The kinds, and who tells. PROTOCOL.md says what is in their bodies.
const (
	KindReply       Kind = 1 // passive: outcome of a message that has no other answer
	KindOptions     Kind = 2 // active: seed, omit, ... of the measurement
	KindFinalCounts Kind = 3 // both: what was sent on every flow
	KindSummary     Kind = 4 // passive: results of every flow
	KindState       Kind = 5 // passive: the transport's state of every flow
	KindClock       Kind = 6 // both: time stamps to compare the clocks with
	KindEnvironment Kind = 7 // passive: its host and system
	KindTransport   Kind = 8 // passive: a piece of a flow's transport vector
	KindKey         Kind = 9 // both: nonces, and proofs of knowing a key
)

func (k Kind) String() string {
	switch k {
	case KindReply:
		return "reply"
	case KindOptions:
		return "options"
	case KindFinalCounts:
		return "final counts"
	case KindSummary:
		return "summary"
	case KindState:
		return "state"
	case KindClock:
		return "clock"
	case KindEnvironment:
		return "environment"
	case KindTransport:
		return "transport vector"
	case KindKey:
		return "key"
	}
	return fmt.Sprintf("kind %d", uint16(k))
}

// Extension is one part of a body.
type Extension struct {
	Version     int // that the sender speaks, 1 to MaxExtensionVersion
	Kind        Kind
	Part        uint16
	Last        bool
	Measurement MeasurementID
	Body        []byte // of a parsed message: a part of the parsed bytes
}

// Append appends the message to b. It fails on a version out of range and on
// a part that is not as long as it has to be.
func (m Extension) Append(b []byte) ([]byte, error) {
	if err := m.check(); err != nil {
		return b, err
	}
	flags := uint8(m.Version)<<extensionVersionShift | flagIf(m.Last, flagExtensionLast)
	b, p := extend(b, TypeExtension, flags, extensionSize+len(m.Body))
	binary.BigEndian.PutUint16(p[offExtensionKind:], uint16(m.Kind))
	binary.BigEndian.PutUint16(p[offExtensionPart:], m.Part)
	binary.BigEndian.PutUint64(p[offExtensionMeasurement:], uint64(m.Measurement))
	copy(p[extensionSize:], m.Body)
	return b, nil
}

// ParseExtension reads b, which has to be one whole EXTENSION. The result's
// Body is a part of b. An unknown Kind is no error: it wants an answer.
func ParseExtension(b []byte) (Extension, error) {
	flags, err := open(b, TypeExtension, extensionSize, extensionSize+MaxExtensionBody)
	if err != nil {
		return Extension{}, err
	}
	m := Extension{
		Version:     int(flags >> extensionVersionShift),
		Kind:        Kind(binary.BigEndian.Uint16(b[offExtensionKind:])),
		Part:        binary.BigEndian.Uint16(b[offExtensionPart:]),
		Last:        flags&flagExtensionLast != 0,
		Measurement: MeasurementID(binary.BigEndian.Uint64(b[offExtensionMeasurement:])),
		Body:        b[extensionSize:],
	}
	if err := m.check(); err != nil {
		return Extension{}, err
	}
	return m, nil
}

func (m *Extension) check() error {
	n := len(m.Body)
	switch {
	case m.Version < 1 || m.Version > MaxExtensionVersion:
		return problem(TypeExtension, "version", "is %d, expected 1 to %d", m.Version, MaxExtensionVersion)
	case n > MaxExtensionBody:
		return problem(TypeExtension, "body", "has %d bytes, expected at most %d", n, MaxExtensionBody)
	case !m.Last && n != MaxExtensionBody:
		return problem(TypeExtension, "body", "has %d bytes in a part that is not the last, expected %d", n, MaxExtensionBody)
	}
	return nil
}
