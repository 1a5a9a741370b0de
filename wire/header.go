package wire

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// Type is the first byte of every message.
type Type uint8

// The messages. Extension travels only between two programs of ours that have
// recognised each other, see PROTOCOL.md.
const (
	TypeAcknowledge Type = 0x01
	TypeAddFlow     Type = 0x02
	TypeRemoveFlow  Type = 0x03
	TypeIdentify    Type = 0x04
	TypeData        Type = 0x05
	TypeStart       Type = 0x06
	TypeStop        Type = 0x07
	TypeResults     Type = 0x08
	TypeExtension   Type = 0x10
)

func (t Type) String() string {
	switch t {
	case TypeAcknowledge:
		return "ACKNOWLEDGE"
	case TypeAddFlow:
		return "ADD_FLOW"
	case TypeRemoveFlow:
		return "REMOVE_FLOW"
	case TypeIdentify:
		return "IDENTIFY_FLOW"
	case TypeData:
		return "DATA"
	case TypeStart:
		return "START"
	case TypeStop:
		return "STOP"
	case TypeResults:
		return "RESULTS"
	case TypeExtension:
		return "EXTENSION"
	}
	return fmt.Sprintf("message type 0x%02x", uint8(t))
}

// How transports tell NetPerfMeter's traffic from other traffic.
const (
	PPIDControl     = 36         // SCTP payload protocol identifier, network byte order
	PPIDData        = 37         // SCTP payload protocol identifier, network byte order
	DCCPServiceCode = 1852861808 // "npmp"
	ALPNData        = "netperfmeter/data"
	ALPNControl     = "netperfmeter/control" // reserved
)

const (
	// HeaderSize is what every message begins with.
	HeaderSize = 4
	// MaxMessageSize is the longest message that Length can tell.
	MaxMessageSize = 65535
)

// The header, in front of every message.
const (
	offType   = 0 // u8
	offFlags  = 1 // u8
	offLength = 2 // u16: the whole message, this header included
)

// Header is what every message begins with. Length counts the whole message,
// HeaderSize included.
type Header struct {
	Type   Type
	Flags  uint8
	Length int
}

// ParseHeader reads a message's first HeaderSize bytes; more may follow. It
// checks that Length covers the header and leaves the type to the caller.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < HeaderSize {
		return Header{}, problem(0, "header", "has %d bytes, expected %d", len(b), HeaderSize)
	}
	h := Header{
		Type:   Type(b[offType]),
		Flags:  b[offFlags],
		Length: int(binary.BigEndian.Uint16(b[offLength:])),
	}
	if h.Length < HeaderSize {
		return Header{}, problem(h.Type, "Length", "is %d, expected %d or more", h.Length, HeaderSize)
	}
	return h, nil
}

// open checks that b is one whole message of type t with at least min bytes
// and at most max, and returns its flags.
func open(b []byte, t Type, min, max int) (uint8, error) {
	h, err := ParseHeader(b)
	if err != nil {
		return 0, err
	}
	switch {
	case h.Type != t:
		return 0, problem(h.Type, "Type", "is 0x%02x, expected 0x%02x (%s)", uint8(h.Type), uint8(t), t)
	case h.Length != len(b):
		return 0, problem(t, "Length", "is %d in a message of %d bytes", h.Length, len(b))
	case len(b) < min || len(b) > max:
		return 0, problem(t, "Length", "is %d, expected %s", len(b), span(min, max))
	}
	return h.Flags, nil
}

func span(min, max int) string {
	switch {
	case min == max:
		return fmt.Sprint(min)
	case max == MaxMessageSize:
		return fmt.Sprintf("%d or more", min)
	}
	return fmt.Sprintf("%d to %d", min, max)
}

// extend appends a message of size bytes, zeros but for its header, and
// returns the longer slice and the message in it.
func extend(b []byte, t Type, flags uint8, size int) (all, message []byte) {
	n := len(b)
	all = slices.Grow(b, size)[:n+size]
	message = all[n:]
	clear(message)
	message[offType] = uint8(t)
	message[offFlags] = flags
	binary.BigEndian.PutUint16(message[offLength:], uint16(size))
	return all, message
}

// flagIf returns flag if set is true, else 0.
func flagIf(set bool, flag uint8) uint8 {
	if set {
		return flag
	}
	return 0
}

// PeekLength reads the Length of a message that begins with b, which has at
// least HeaderSize bytes. It can be less than HeaderSize, which ParseHeader
// refuses.
func PeekLength(b []byte) int { return int(binary.BigEndian.Uint16(b[offLength:])) }
