package wire_test

import (
	"bytes"
	"math"
	"testing"

	"netperfmeter/wire"
)

func TestData(t *testing.T) {
	want := wire.Data{
		Key: testKey, First: true, Last: true, Frame: math.MaxUint32, Seq: math.MaxUint64,
		ByteSeq: math.MaxUint64, TimeStamp: math.MaxInt64,
	}
	b := bytes.Repeat([]byte{0xff}, wire.MaxMessageSize) // what was there before must not shine through
	for _, n := range []int{wire.DataHeaderSize, 49, 1400, wire.MaxMessageSize} {
		for _, want.First = range []bool{false, true} {
			for _, want.Last = range []bool{false, true} {
				wire.PutData(b[:n], n, &want)
				if got, err := wire.ParseData(b[:n]); err != nil || got != want {
					t.Errorf("%d bytes: %+v, %v, want %+v", n, got, err, want)
				}
				if b[18] != 0 || b[19] != 0 {
					t.Error("the padding is not 0")
				}
			}
		}
	}
}

func TestPatchData(t *testing.T) {
	first := wire.Data{Key: testKey, First: true, Last: true, Frame: 1, Seq: 2, ByteSeq: 3, TimeStamp: 4}
	second := wire.Data{Key: testKey, Last: true, Frame: 5, Seq: 6, ByteSeq: 7, TimeStamp: 8}
	want := make([]byte, 60)
	wire.PutData(want, len(want), &second)

	got := make([]byte, 60)
	wire.PutData(got, len(got), &first)
	wire.PatchData(got, wire.FlagLast, second.Frame, second.Seq, second.ByteSeq, second.TimeStamp)
	if !bytes.Equal(got, want) {
		t.Errorf("patched to\n%x, want\n%x", got, want)
	}
}

func TestPutDataPanics(t *testing.T) {
	tests := []struct {
		name         string
		size, length int
	}{
		{"length below the header", 100, 47},
		{"length above the field", 100, 65536},
		{"buffer below the header", 47, 48},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			wire.PutData(make([]byte, test.size), test.length, &wire.Data{})
		})
	}
}

func TestFillPayload(t *testing.T) {
	for n := range 1000 {
		up, down := make([]byte, n), make([]byte, n)
		wire.FillPayload(up, false)
		wire.FillPayload(down, true)
		for i := range n {
			if want := byte(30 + i%98); up[i] != want {
				t.Fatalf("active, %d bytes: byte %d is %d, want %d", n, i, up[i], want)
			}
			if want := byte(127 - i%98); down[i] != want {
				t.Fatalf("passive, %d bytes: byte %d is %d, want %d", n, i, down[i], want)
			}
		}
	}
}

func TestDataAllocatesNothing(t *testing.T) {
	b := make([]byte, 1400)
	header := wire.Data{Key: testKey}
	wire.PutData(b, len(b), &header)
	rubbish := bytes.Repeat([]byte{0xff}, 100)
	wrongLength := bytes.Clone(b[:100])
	tests := map[string]func(){
		"PutData":     func() { wire.PutData(b, len(b), &header) },
		"PatchData":   func() { wire.PatchData(b, wire.FlagFirst, 1, 2, 3, 4) },
		"FillPayload": func() { wire.FillPayload(b[wire.DataHeaderSize:], true) },
		"ParseData":   func() { _, _ = wire.ParseData(b) },
		"ParseHeader": func() { _, _ = wire.ParseHeader(b) },
		"too short":   func() { _, _ = wire.ParseData(b[:20]) },
		"rubbish":     func() { _, _ = wire.ParseData(rubbish) },
		"wrong size":  func() { _, _ = wire.ParseData(wrongLength) },
	}
	for name, f := range tests {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkPutData(b *testing.B) {
	message := make([]byte, wire.DataHeaderSize)
	header := wire.Data{Key: testKey, First: true, Last: true}
	for b.Loop() {
		header.Seq++
		wire.PutData(message, 1400, &header)
	}
}

func BenchmarkPatchData(b *testing.B) {
	message := make([]byte, wire.DataHeaderSize)
	wire.PutData(message, 1400, &wire.Data{Key: testKey})
	seq := wire.Seq(0)
	for b.Loop() {
		seq++
		wire.PatchData(message, wire.FlagFirst|wire.FlagLast, 1, seq, uint64(seq), int64(seq))
	}
}

func BenchmarkParseData(b *testing.B) {
	message := make([]byte, 1400)
	wire.PutData(message, len(message), &wire.Data{Key: testKey})
	for b.Loop() {
		if _, err := wire.ParseData(message); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFillPayload(b *testing.B) {
	payload := make([]byte, 16000)
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		wire.FillPayload(payload, false)
	}
}
