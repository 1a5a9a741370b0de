package wire

import "encoding/binary"

// A flow's key. ACKNOWLEDGE, ADD_FLOW, REMOVE_FLOW and DATA have it in the
// same place, right behind the header.
const (
	offFlow        = 4  // u32
	offMeasurement = 8  // u64
	offStream      = 16 // u16
	keyEnd         = 18
)

func getKey(b []byte) Key {
	return Key{
		Measurement: MeasurementID(binary.BigEndian.Uint64(b[offMeasurement:])),
		Flow:        FlowID(binary.BigEndian.Uint32(b[offFlow:])),
		Stream:      StreamID(binary.BigEndian.Uint16(b[offStream:])),
	}
}

func putKey(b []byte, k Key) {
	binary.BigEndian.PutUint32(b[offFlow:], uint32(k.Flow))
	binary.BigEndian.PutUint64(b[offMeasurement:], uint64(k.Measurement))
	binary.BigEndian.PutUint16(b[offStream:], uint16(k.Stream))
}

// PeekKey reads the key out of a message that carries one, even if the rest of
// the message is malformed: the answer to such a message has to name it. Of
// START and STOP it is the measurement alone, as in their answers.
// It reports false if b has no key or ends before it.
func PeekKey(b []byte) (Key, bool) {
	if len(b) < startSize {
		return Key{}, false
	}
	switch kind := Type(b[offType]); {
	case kind == TypeStart || kind == TypeStop:
		return Key{Measurement: MeasurementID(binary.BigEndian.Uint64(b[offStartMeasurement:]))}, true
	case len(b) < keyEnd:
		return Key{}, false
	}
	switch Type(b[offType]) {
	case TypeAcknowledge, TypeAddFlow, TypeRemoveFlow, TypeData:
		return getKey(b), true
	case TypeIdentify:
		if len(b) >= identifySize {
			return getIdentifyKey(b), true
		}
	}
	return Key{}, false
}
