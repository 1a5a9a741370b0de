package wire_test

import (
	"errors"
	"reflect"
	"testing"

	"netperfmeter/wire"
)

// fuzzParser feeds a parser with anything: it gives a *wire.Error, or a value
// that encodes to a message with the same value.
func fuzzParser[M any](f *testing.F, kind wire.Type, parse func([]byte) (M, error), encode func(M) ([]byte, error)) {
	f.Add(valid(f)[kind])
	f.Add([]byte{})
	f.Add([]byte{byte(kind), 0, 0, 4})
	if kind != wire.TypeExtension { // the reference has none
		for _, b := range wholes(f, kind) {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := parse(b)
		if err != nil {
			var wrong *wire.Error
			if !errors.As(err, &wrong) || wrong.Field == "" || wrong.Problem == "" {
				t.Fatalf("%#v is no complete *wire.Error", err)
			}
			return
		}
		again, err := encode(first)
		if err != nil {
			t.Fatalf("%+v does not encode: %v", first, err)
		}
		second, err := parse(again)
		if err != nil {
			t.Fatalf("%x, encoded from %+v: %v", again, first, err)
		}
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%+v comes back as %+v", first, second)
		}
	})
}

// never wraps an Append that cannot fail.
func never[M any](encode func(M, []byte) []byte) func(M) ([]byte, error) {
	return func(m M) ([]byte, error) { return encode(m, nil), nil }
}

func FuzzAcknowledge(f *testing.F) {
	fuzzParser(f, wire.TypeAcknowledge, wire.ParseAcknowledge, never(wire.Acknowledge.Append))
}

func FuzzAddFlow(f *testing.F) {
	for _, flow := range addFlows() {
		flow.EventSize = wire.LegacyEventSize
		flow.Events = relative(1, 2)
		b, err := flow.Append(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	fuzzParser(f, wire.TypeAddFlow, wire.ParseAddFlow, func(m wire.AddFlow) ([]byte, error) { return m.Append(nil) })
}

func FuzzRemoveFlow(f *testing.F) {
	fuzzParser(f, wire.TypeRemoveFlow, wire.ParseRemoveFlow, never(wire.RemoveFlow.Append))
}

func FuzzIdentify(f *testing.F) {
	fuzzParser(f, wire.TypeIdentify, wire.ParseIdentify, never(wire.Identify.Append))
}

func FuzzData(f *testing.F) {
	fuzzParser(f, wire.TypeData, wire.ParseData, func(m wire.Data) ([]byte, error) {
		b := make([]byte, wire.DataHeaderSize)
		wire.PutData(b, len(b), &m)
		return b, nil
	})
}

func FuzzStart(f *testing.F) {
	fuzzParser(f, wire.TypeStart, wire.ParseStart, never(wire.Start.Append))
}

func FuzzStop(f *testing.F) {
	fuzzParser(f, wire.TypeStop, wire.ParseStop, never(wire.Stop.Append))
}

func FuzzResults(f *testing.F) {
	fuzzParser(f, wire.TypeResults, wire.ParseResults, func(m wire.Results) ([]byte, error) { return m.Append(nil) })
}

func FuzzExtension(f *testing.F) {
	fuzzParser(f, wire.TypeExtension, wire.ParseExtension, func(m wire.Extension) ([]byte, error) { return m.Append(nil) })
}

func FuzzHeader(f *testing.F) {
	for _, b := range valid(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := wire.ParseHeader(b)
		if err == nil && (h.Length < wire.HeaderSize || h.Length > wire.MaxMessageSize) {
			t.Fatalf("%+v", h)
		}
		if key, ok := wire.PeekKey(b); !ok && key != (wire.Key{}) {
			t.Fatalf("%v without being there", key)
		}
	})
}
