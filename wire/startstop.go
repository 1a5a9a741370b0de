package wire

import "encoding/binary"

// START and STOP, control channel, active to passive.
const (
	// 4 to 7: padding, 0
	offStartMeasurement = 8 // u64
	startSize           = 16

	flagStartCompressVectors = 1 << 0
	flagStartCompressScalars = 1 << 1
	flagStartNoVectors       = 1 << 2
	flagStartNoScalars       = 1 << 3
)

// Start begins a measurement and says which of the passive side's result files
// are wanted after STOP. A No... wins over the Compress... beside it.
type Start struct {
	Measurement     MeasurementID
	CompressVectors bool
	CompressScalars bool
	NoVectors       bool
	NoScalars       bool
}

// Append appends the message to b.
func (m Start) Append(b []byte) []byte {
	flags := flagIf(m.CompressVectors, flagStartCompressVectors) |
		flagIf(m.CompressScalars, flagStartCompressScalars) |
		flagIf(m.NoVectors, flagStartNoVectors) |
		flagIf(m.NoScalars, flagStartNoScalars)
	b, p := extend(b, TypeStart, flags, startSize)
	binary.BigEndian.PutUint64(p[offStartMeasurement:], uint64(m.Measurement))
	return b
}

// ParseStart reads b, which has to be one whole START.
func ParseStart(b []byte) (Start, error) {
	flags, err := open(b, TypeStart, startSize, startSize)
	if err != nil {
		return Start{}, err
	}
	return Start{
		Measurement:     MeasurementID(binary.BigEndian.Uint64(b[offStartMeasurement:])),
		CompressVectors: flags&flagStartCompressVectors != 0,
		CompressScalars: flags&flagStartCompressScalars != 0,
		NoVectors:       flags&flagStartNoVectors != 0,
		NoScalars:       flags&flagStartNoScalars != 0,
	}, nil
}

// Stop ends a measurement.
type Stop struct{ Measurement MeasurementID }

// Append appends the message to b.
func (m Stop) Append(b []byte) []byte {
	b, p := extend(b, TypeStop, 0, startSize)
	binary.BigEndian.PutUint64(p[offStartMeasurement:], uint64(m.Measurement))
	return b
}

// ParseStop reads b, which has to be one whole STOP.
func ParseStop(b []byte) (Stop, error) {
	if _, err := open(b, TypeStop, startSize, startSize); err != nil {
		return Stop{}, err
	}
	return Stop{Measurement: MeasurementID(binary.BigEndian.Uint64(b[offStartMeasurement:]))}, nil
}
