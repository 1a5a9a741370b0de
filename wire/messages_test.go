package wire_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"netperfmeter/wire"
)

var testKey = wire.Key{Measurement: 0x1122334455667788, Flow: 0xa1a2a3a4, Stream: 0xb1b2}

// valid returns one message of every type, with every field set.
func valid(t testing.TB) map[wire.Type][]byte {
	t.Helper()
	must := func(b []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	data := make([]byte, 100)
	wire.PutData(data, len(data), &wire.Data{Key: testKey, First: true, Frame: 7, Seq: 8, ByteSeq: 9, TimeStamp: 10})
	return map[wire.Type][]byte{
		wire.TypeAcknowledge: wire.Acknowledge{Key: testKey, Extension: 0xc1c2, Status: wire.StatusError}.Append(nil),
		wire.TypeAddFlow:     must(fullAddFlow().Append(nil)),
		wire.TypeRemoveFlow:  wire.RemoveFlow{Key: testKey}.Append(nil),
		wire.TypeIdentify:    wire.Identify{Key: testKey, Compress: true, NoVectors: true}.Append(nil),
		wire.TypeData:        data,
		wire.TypeStart:       wire.Start{Measurement: testKey.Measurement, NoVectors: true}.Append(nil),
		wire.TypeStop:        wire.Stop{Measurement: testKey.Measurement}.Append(nil),
		wire.TypeResults:     must(wire.Results{Last: true, Data: []byte("AbsTime")}.Append(nil)),
		wire.TypeExtension: must(wire.Extension{
			Version: 1, Kind: wire.KindOptions, Last: true, Measurement: testKey.Measurement, Body: []byte("{}"),
		}.Append(nil)),
	}
}

func fullAddFlow() wire.AddFlow {
	return wire.AddFlow{
		Key: testKey, Protocol: wire.SCTP, Description: "Größe", Ordered: 1, Reliable: 0,
		RetransmissionTrials: wire.TrialsInMilliseconds | 5,
		FrameRate:            distribution(wire.Uniform, 1, 2), FrameSize: distribution(wire.TruncNormal, 3, 4),
		RcvBuffer: wire.MaxBuffer, SndBuffer: 6, MaxMsgSize: wire.MinMaxMsgSize, CMT: 7, CCID: 8, NDiffPorts: 9,
		PathMgr: "fullmesh", CongestionControl: strings.Repeat("c", wire.MaxName), Scheduler: "default",
		Debug: true, NoDelay: true, Repeat: true, EventSize: wire.EventSize,
		Events: []wire.Event{{Time: distribution(wire.Pareto, 1, 2), Relative: true}, {Time: constant(3)}},
	}
}

func TestRoundTrips(t *testing.T) {
	flags := []bool{false, true}
	for _, a := range flags {
		for _, b := range flags {
			identify := wire.Identify{Key: testKey, Compress: a, NoVectors: b}
			if got, err := wire.ParseIdentify(identify.Append(nil)); err != nil || got != identify {
				t.Errorf("%+v, %v, want %+v", got, err, identify)
			}
			for _, c := range flags {
				start := wire.Start{Measurement: 1, CompressVectors: a, CompressScalars: b, NoVectors: c, NoScalars: a != b}
				if got, err := wire.ParseStart(start.Append(nil)); err != nil || got != start {
					t.Errorf("%+v, %v, want %+v", got, err, start)
				}
			}
		}
	}
	for kind, b := range valid(t) {
		again, err := recode(b)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s is\n%x, encodes to\n%x, %v", kind, b, again, err)
		}
	}
	ack := wire.Acknowledge{Key: testKey, Extension: 0xc1c2, Status: 0xd1d2d3d4}
	if got, err := wire.ParseAcknowledge(ack.Append([]byte("before"))[len("before"):]); err != nil || got != ack {
		t.Errorf("%+v, %v, want %+v", got, err, ack)
	}
}

// TestPrefixes cuts valid messages short, with the length that they had and
// with the one that they then have.
func TestPrefixes(t *testing.T) {
	anyLength := map[wire.Type]int{ // from where on a shorter message is one
		wire.TypeData: wire.DataHeaderSize, wire.TypeResults: wire.HeaderSize, wire.TypeExtension: 16,
	}
	for kind, b := range valid(t) {
		for n := range b {
			if _, err := recode(b[:n:n]); err == nil {
				t.Errorf("%s of %d bytes: no error for %d of them", kind, len(b), n)
			}
			if n < wire.HeaderSize {
				continue
			}
			short := bytes.Clone(b[:n])
			binary.BigEndian.PutUint16(short[2:], uint16(n))
			_, err := recode(short)
			if from, ok := anyLength[kind]; (err == nil) != (ok && n >= from) {
				t.Errorf("%s of %d bytes cut to %d: %v", kind, len(b), n, err)
			}
		}
	}
}

func TestResultsTooLong(t *testing.T) {
	if _, err := (wire.Results{Data: make([]byte, wire.MaxResultsData)}).Append(nil); err != nil {
		t.Error(err)
	}
	if _, err := (wire.Results{Data: make([]byte, wire.MaxResultsData+1)}).Append(nil); err == nil {
		t.Error("no error")
	}
	long := make([]byte, wire.HeaderSize+wire.MaxResultsData+1)
	copy(long, []byte{byte(wire.TypeResults), 0, 5, 0x7d})
	_, err := wire.ParseResults(long)
	if want := "RESULTS: Length is 1405, expected 4 to 1404"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestResultsSayWhatIsMissing(t *testing.T) {
	for flags, want := range []wire.Results{{}, {Last: true}, {Incomplete: true}, {Last: true, Incomplete: true}} {
		b, err := want.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := wire.ParseResults(b); err != nil || got.Last != want.Last || got.Incomplete != want.Incomplete || int(b[1]) != flags {
			t.Errorf("%+v became % x and %+v, %v", want, b, got, err)
		}
	}
}

func TestResultsAreAPartOfTheMessage(t *testing.T) {
	b := valid(t)[wire.TypeResults]
	got, err := wire.ParseResults(b)
	if err != nil || &got.Data[0] != &b[wire.HeaderSize] {
		t.Errorf("%v: the data is a copy", err)
	}
}

func TestPeekKey(t *testing.T) {
	for kind, b := range valid(t) {
		key, ok := wire.PeekKey(b)
		want := kind == wire.TypeAcknowledge || kind == wire.TypeAddFlow || kind == wire.TypeRemoveFlow ||
			kind == wire.TypeIdentify || kind == wire.TypeData
		wantKey := testKey
		if kind == wire.TypeStart || kind == wire.TypeStop {
			want, wantKey = true, wire.Key{Measurement: testKey.Measurement}
		}
		if ok != want || ok && key != wantKey {
			t.Errorf("%s: %v, %v", kind, key, ok)
		}
		for n := range b {
			wire.PeekKey(b[:n:n])
		}
	}
}
