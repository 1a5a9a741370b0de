package wire

import "encoding/binary"

// The values of Status that the protocol knows.
const (
	StatusOkay  = 0
	StatusError = 1
)

// ACKNOWLEDGE, control channel, passive to active.
const (
	// 4 to 17: key; for START and STOP, flow and stream are 0
	offAckExtension = 18 // u16: padding for the reference, which sends 0 and ignores it
	offAckStatus    = 20 // u32
	acknowledgeSize = 24
)

// Acknowledge answers a message of the active side.
type Acknowledge struct {
	Key
	Extension uint16 // 0, or a Confirmation that this is a program of ours
	Status    uint32 // StatusOkay; anything else is a refusal
}

// Append appends the message to b.
func (m Acknowledge) Append(b []byte) []byte {
	b, p := extend(b, TypeAcknowledge, 0, acknowledgeSize)
	putKey(p, m.Key)
	binary.BigEndian.PutUint16(p[offAckExtension:], m.Extension)
	binary.BigEndian.PutUint32(p[offAckStatus:], m.Status)
	return b
}

// ParseAcknowledge reads b, which has to be one whole ACKNOWLEDGE.
func ParseAcknowledge(b []byte) (Acknowledge, error) {
	if _, err := open(b, TypeAcknowledge, acknowledgeSize, acknowledgeSize); err != nil {
		return Acknowledge{}, err
	}
	return Acknowledge{
		Key:       getKey(b),
		Extension: binary.BigEndian.Uint16(b[offAckExtension:]),
		Status:    binary.BigEndian.Uint32(b[offAckStatus:]),
	}, nil
}
