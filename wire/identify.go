package wire

import "encoding/binary"

// IdentifyMagic is in every IDENTIFY_FLOW.
const IdentifyMagic = 0x4bcdf3aa303c6774

// IDENTIFY_FLOW, data channel, active to passive. Its key is not where the
// other messages have it.
const (
	offIdentifyFlow        = 4  // u32
	offIdentifyMagic       = 8  // u64
	offIdentifyMeasurement = 16 // u64
	offIdentifyStream      = 24 // u16
	identifySize           = 26

	flagIdentifyCompress  = 1 << 0
	flagIdentifyNoVectors = 1 << 1
)

// Identify is the first message on a data channel: it says which flow the
// channel belongs to.
type Identify struct {
	Key
	Compress  bool // the flow's vector file is to be a bzip2 file
	NoVectors bool // no vector file is wanted; wins over Compress
}

// Append appends the message to b.
func (m Identify) Append(b []byte) []byte {
	flags := flagIf(m.Compress, flagIdentifyCompress) | flagIf(m.NoVectors, flagIdentifyNoVectors)
	b, p := extend(b, TypeIdentify, flags, identifySize)
	binary.BigEndian.PutUint32(p[offIdentifyFlow:], uint32(m.Flow))
	binary.BigEndian.PutUint64(p[offIdentifyMagic:], IdentifyMagic)
	binary.BigEndian.PutUint64(p[offIdentifyMeasurement:], uint64(m.Measurement))
	binary.BigEndian.PutUint16(p[offIdentifyStream:], uint16(m.Stream))
	return b
}

// ParseIdentify reads b, which has to be one whole IDENTIFY_FLOW.
func ParseIdentify(b []byte) (Identify, error) {
	flags, err := open(b, TypeIdentify, identifySize, identifySize)
	if err != nil {
		return Identify{}, err
	}
	if magic := binary.BigEndian.Uint64(b[offIdentifyMagic:]); magic != IdentifyMagic {
		return Identify{}, problem(TypeIdentify, "MagicNumber",
			"is 0x%016x, expected 0x%016x", magic, uint64(IdentifyMagic))
	}
	return Identify{
		Key:       getIdentifyKey(b),
		Compress:  flags&flagIdentifyCompress != 0,
		NoVectors: flags&flagIdentifyNoVectors != 0,
	}, nil
}

func getIdentifyKey(b []byte) Key {
	return Key{
		Measurement: MeasurementID(binary.BigEndian.Uint64(b[offIdentifyMeasurement:])),
		Flow:        FlowID(binary.BigEndian.Uint32(b[offIdentifyFlow:])),
		Stream:      StreamID(binary.BigEndian.Uint16(b[offIdentifyStream:])),
	}
}
