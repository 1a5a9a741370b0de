package wire_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"netperfmeter/wire"
)

// TestRecognitionValues pins the numbers of PROTOCOL.md: two versions of ours
// must agree on them.
func TestRecognitionValues(t *testing.T) {
	tests := []struct {
		random       uint64
		id           wire.MeasurementID
		confirmation uint16
	}{
		{0, 0x0000000000009e37, 0xf1b1},
		{0xffff000000000000, 0x0000000000009e37, 0xf1b1},
		{0x0000123456789abc, 0x123456789abca5bf, 0x5191},
		{0x0000ffffffffffff, 0xffffffffffff7c15, 0xb991},
	}
	for _, test := range tests {
		id := wire.NewMeasurementID(test.random)
		if id != test.id {
			t.Errorf("%#x makes %#016x, want %#016x", test.random, uint64(id), uint64(test.id))
		}
		if got := wire.Confirmation(id, 1); got != test.confirmation {
			t.Errorf("%#016x is confirmed by %#04x, want %#04x", uint64(id), got, test.confirmation)
		}
	}
}

func TestRecognition(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	chance, wrong := 0, 0
	const tries = 1 << 18
	for range tries {
		random := r.Uint64()
		if wire.Marked(wire.MeasurementID(random)) {
			chance++
		}
		id := wire.NewMeasurementID(random)
		if !wire.Marked(id) || uint64(id)>>16 != random&(1<<48-1) {
			t.Fatalf("%#x makes %#x", random, uint64(id))
		}
		for version := 1; version <= wire.MaxExtensionVersion; version++ {
			if got, ok := wire.Confirmed(id, wire.Confirmation(id, version)); !ok || got != version {
				t.Fatalf("%#x: version %d read as %d, %v", uint64(id), version, got, ok)
			}
		}
		if _, ok := wire.Confirmed(id, 0); ok {
			t.Fatalf("%#x: a reference's 0 is taken for a confirmation", uint64(id))
		}
		if _, ok := wire.Confirmed(id, uint16(r.Uint32())); ok {
			wrong++
		}
	}
	if chance > tries>>14 { // 4 expected, 16 allowed; the seed is fixed
		t.Errorf("%d of %d random IDs are marked", chance, tries)
	}
	if wrong > tries>>11 { // 60 expected
		t.Errorf("%d of %d random values confirm", wrong, tries)
	}
}

func TestExtensionBodies(t *testing.T) {
	const full = wire.MaxExtensionBody
	for _, size := range []int{0, 1, full - 1, full, full + 1, 3 * full, wire.MaxExtensionTotal} {
		want := bytes.Repeat([]byte("0123456789abcdef!"), size/17+1)[:size]
		stream, err := wire.AppendExtension(nil, 1, wire.KindState, 42, want)
		if err != nil {
			t.Fatal(err)
		}
		var joined wire.ExtensionBody
		for part := 0; ; part++ {
			h, err := wire.ParseHeader(stream)
			if err != nil {
				t.Fatal(err)
			}
			m, err := wire.ParseExtension(stream[:h.Length])
			if err != nil {
				t.Fatal(err)
			}
			if m.Version != 1 || m.Kind != wire.KindState || m.Measurement != 42 || int(m.Part) != part {
				t.Fatalf("part %d is %+v", part, m)
			}
			stream = stream[h.Length:]
			got, done, err := joined.Add(m)
			if err != nil {
				t.Fatal(err)
			}
			if done != (len(stream) == 0) || joined.Pending() == done {
				t.Fatalf("%d bytes, part %d: done %v, pending %v", size, part, done, joined.Pending())
			}
			if done {
				if !bytes.Equal(got, want) {
					t.Errorf("%d bytes do not come back", size)
				}
				break
			}
		}
	}
	if _, err := wire.AppendExtension(nil, 1, wire.KindState, 42, make([]byte, wire.MaxExtensionTotal+1)); err == nil {
		t.Error("no error for a body that is too long")
	}
}

func TestExtensionParts(t *testing.T) {
	full := make([]byte, wire.MaxExtensionBody)
	first := wire.Extension{Version: 1, Kind: wire.KindState, Measurement: 1, Body: full}
	tests := []struct {
		name   string
		change func(m *wire.Extension)
		ok     bool
	}{
		{"next part", func(*wire.Extension) {}, true},
		{"same part again", func(m *wire.Extension) { m.Part = 0 }, false},
		{"part left out", func(m *wire.Extension) { m.Part = 2 }, false},
		{"other kind", func(m *wire.Extension) { m.Kind = wire.KindClock }, false},
		{"other measurement", func(m *wire.Extension) { m.Measurement = 2 }, false},
		{"other version", func(m *wire.Extension) { m.Version = 2 }, false},
	}
	for _, test := range tests {
		var joined wire.ExtensionBody
		if _, _, err := joined.Add(first); err != nil {
			t.Fatal(err)
		}
		next := first
		next.Part = 1
		test.change(&next)
		if _, _, err := joined.Add(next); (err == nil) != test.ok {
			t.Errorf("%s: %v", test.name, err)
		}
	}

	var joined wire.ExtensionBody
	var err error
	parts := 0
	for ; err == nil; parts++ {
		_, _, err = joined.Add(first)
		first.Part++
	}
	if want := wire.MaxExtensionTotal/wire.MaxExtensionBody + 1; parts != want {
		t.Errorf("part %d is refused, want %d: %v", parts, want, err)
	}
}

func TestExtensionRefuses(t *testing.T) {
	tests := map[string]wire.Extension{
		"version 0":                       {Last: true},
		"version 16":                      {Version: 16, Last: true},
		"body too long":                   {Version: 1, Last: true, Body: make([]byte, wire.MaxExtensionBody+1)},
		"short part that is not the last": {Version: 1, Body: make([]byte, wire.MaxExtensionBody-1)},
	}
	for name, m := range tests {
		if b, err := m.Append(nil); err == nil || len(b) != 0 {
			t.Errorf("%s: no error", name)
		}
	}
	if b, err := wire.AppendExtension([]byte("before"), 0, wire.KindClock, 1, nil); err == nil || string(b) != "before" {
		t.Errorf("%q, %v", b, err)
	}
}

// TestExtensionLayout compares a message with PROTOCOL.md's table.
func TestExtensionLayout(t *testing.T) {
	got, err := wire.AppendExtension(nil, 3, wire.KindClock, 0x1122334455667788, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	want := []byte{0x10, 0x31}
	want = binary.BigEndian.AppendUint16(want, 18)
	want = binary.BigEndian.AppendUint16(want, 6)
	want = binary.BigEndian.AppendUint16(want, 0)
	want = binary.BigEndian.AppendUint64(want, 0x1122334455667788)
	want = append(want, "{}"...)
	if !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}
