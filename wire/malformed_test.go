package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"testing"

	"netperfmeter/wire"
)

// TestMalformed changes one field of a valid message.
func TestMalformed(t *testing.T) {
	double := func(v float64) []byte { return binary.BigEndian.AppendUint64(nil, math.Float64bits(v)) }
	tests := []struct {
		kind   wire.Type
		name   string
		offset int
		bytes  []byte
		field  string
	}{
		{wire.TypeAcknowledge, "type of another", 0, []byte{2}, "Type"},
		{wire.TypeStop, "type of START", 0, []byte{6}, "Type"},
		{wire.TypeStart, "length below header", 2, []byte{0, 3}, "Length"},
		{wire.TypeRemoveFlow, "length above size", 2, []byte{0, 19}, "Length"},
		{wire.TypeIdentify, "wrong magic", 15, []byte{0}, "MagicNumber"},
		{wire.TypeData, "wrong type", 0, []byte{4}, "Type"},
		{wire.TypeData, "wrong length", 2, []byte{0, 99}, "Length"},
		{wire.TypeExtension, "version 0", 1, []byte{1}, "version"},
		{wire.TypeExtension, "short part", 1, []byte{0x10}, "body"},
		{wire.TypeAddFlow, "protocol 0", 18, []byte{0, 0}, "Protocol"},
		{wire.TypeAddFlow, "big-endian TCP", 18, []byte{0, 6}, "Protocol"},
		{wire.TypeAddFlow, "stream over TCP", 18, []byte{6, 0}, "StreamID"},
		{wire.TypeAddFlow, "rate NaN", 64, double(math.NaN()), "FrameRate"},
		{wire.TypeAddFlow, "rate infinite", 64, double(math.Inf(1)), "FrameRate"},
		{wire.TypeAddFlow, "unused parameter negative", 88, double(-1), "FrameRate"},
		{wire.TypeAddFlow, "size negative", 96, double(-1), "FrameSize"},
		{wire.TypeAddFlow, "rate unknown", 128, []byte{6}, "FrameRate"},
		{wire.TypeAddFlow, "size unknown", 129, []byte{255}, "FrameSize"},
		{wire.TypeAddFlow, "huge receive buffer", 130, []byte{0x80}, "RcvBufferSize"},
		{wire.TypeAddFlow, "huge send buffer", 134, []byte{0x80}, "SndBufferSize"},
		{wire.TypeAddFlow, "messages of 0", 138, []byte{0, 0}, "MaxMsgSize"},
		{wire.TypeAddFlow, "messages of 47", 138, []byte{0, 47}, "MaxMsgSize"},
		{wire.TypeAddFlow, "one event too few", 192, []byte{0, 1}, "OnOffEvents"},
		{wire.TypeAddFlow, "one event too many", 192, []byte{0, 3}, "OnOffEvents"},
		{wire.TypeAddFlow, "most events", 192, []byte{255, 255}, "OnOffEvents"},
		{wire.TypeAddFlow, "event unknown", 194, []byte{6}, "event"},
		{wire.TypeAddFlow, "event infinite", 194 + 36 + 4, double(math.Inf(-1)), "event"},
	}
	for _, test := range tests {
		t.Run(test.kind.String()+" "+test.name, func(t *testing.T) {
			b := valid(t)[test.kind]
			copy(b[test.offset:], test.bytes)
			err := parse(test.kind, b)
			var wrong *wire.Error
			if !errors.As(err, &wrong) {
				t.Fatalf("%v, want a *wire.Error", err)
			}
			if wrong.Field != test.field {
				t.Errorf("%v: names %s, want %s", err, wrong.Field, test.field)
			}
		})
	}
}

// parse gives b to the parser of a type, whatever b is.
func parse(kind wire.Type, b []byte) (err error) {
	switch kind {
	case wire.TypeAcknowledge:
		_, err = wire.ParseAcknowledge(b)
	case wire.TypeAddFlow:
		_, err = wire.ParseAddFlow(b)
	case wire.TypeRemoveFlow:
		_, err = wire.ParseRemoveFlow(b)
	case wire.TypeIdentify:
		_, err = wire.ParseIdentify(b)
	case wire.TypeData:
		_, err = wire.ParseData(b)
	case wire.TypeStart:
		_, err = wire.ParseStart(b)
	case wire.TypeStop:
		_, err = wire.ParseStop(b)
	case wire.TypeResults:
		_, err = wire.ParseResults(b)
	case wire.TypeExtension:
		_, err = wire.ParseExtension(b)
	}
	return err
}

func TestErrorsKeepTheKey(t *testing.T) {
	b := valid(t)[wire.TypeAddFlow]
	for _, n := range []int{18, 193, len(b) - 1, len(b)} {
		short := bytes.Clone(b[:n])
		binary.BigEndian.PutUint16(short[2:], uint16(n))
		if n == len(b) {
			short[128] = 99
		}
		got, err := wire.ParseAddFlow(short)
		if err == nil || !reflect.DeepEqual(got, wire.AddFlow{Key: testKey}) {
			t.Errorf("%d bytes: %+v, %v", n, got, err)
		}
	}
}
