package wire_test

import (
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"reflect"
	"testing"

	"netperfmeter/wire"
)

// checkReference checks one message of the reference: it decodes, and what
// comes out encodes to the same bytes. Of a message that was cut, the bytes
// that are there count.
func checkReference(t *testing.T, m captured) {
	t.Helper()
	kind := wire.Type(m.bytes[0])
	switch {
	case kind == wire.TypeAddFlow:
		checkAddFlow(t, m)
	case kind == wire.TypeData:
		checkData(t, m)
	case m.whole():
		again, err := recode(m.bytes)
		if err != nil {
			t.Errorf("packet %d: %v", m.packet, err)
		} else if !bytes.Equal(again, m.bytes) {
			t.Errorf("packet %d: %s is\n%x, encodes to\n%x", m.packet, kind, m.bytes, again)
		}
	case kind != wire.TypeResults: // checkResults has the files
		t.Errorf("packet %d: %s has %d of %d bytes", m.packet, kind, len(m.bytes), m.length)
	}
}

// recode parses a whole message of any type and appends it again.
func recode(b []byte) ([]byte, error) {
	h, err := wire.ParseHeader(b)
	if err != nil {
		return nil, err
	}
	switch h.Type {
	case wire.TypeAcknowledge:
		m, err := wire.ParseAcknowledge(b)
		return m.Append(nil), err
	case wire.TypeAddFlow:
		m, err := wire.ParseAddFlow(b)
		if err != nil {
			return nil, err
		}
		return m.Append(nil)
	case wire.TypeRemoveFlow:
		m, err := wire.ParseRemoveFlow(b)
		return m.Append(nil), err
	case wire.TypeIdentify:
		m, err := wire.ParseIdentify(b)
		return m.Append(nil), err
	case wire.TypeData:
		m, err := wire.ParseData(b)
		if err != nil {
			return nil, err
		}
		again := bytes.Clone(b)
		clear(again[:wire.DataHeaderSize])
		wire.PutData(again, len(again), &m)
		return again, nil
	case wire.TypeStart:
		m, err := wire.ParseStart(b)
		return m.Append(nil), err
	case wire.TypeStop:
		m, err := wire.ParseStop(b)
		return m.Append(nil), err
	case wire.TypeResults:
		m, err := wire.ParseResults(b)
		if err != nil {
			return nil, err
		}
		return m.Append(nil)
	case wire.TypeExtension:
		m, err := wire.ParseExtension(b)
		if err != nil {
			return nil, err
		}
		return m.Append(nil)
	}
	return nil, errors.New("unknown type")
}

func checkAddFlow(t *testing.T, m captured) {
	t.Helper()
	want := addFlowOf(t, m)
	built, err := want.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(built) != m.length || !bytes.HasPrefix(built, m.bytes) {
		t.Errorf("packet %d is\n%x of %d bytes, built from its command line\n%x", m.packet, m.bytes, m.length, built)
	}
	// What the capture has cut off comes from the command line.
	got, err := wire.ParseAddFlow(append(bytes.Clone(m.bytes), built[len(m.bytes):]...))
	if err != nil {
		t.Fatalf("packet %d: %v", m.packet, err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("packet %d is\n%+v, want\n%+v", m.packet, got, want)
	}
	if legacy := got.Measurement == measurement194; got.Legacy() != legacy {
		t.Errorf("packet %d: legacy %v, want %v", m.packet, got.Legacy(), legacy)
	}
}

// addFlowOf finds the flow that a captured ADD_FLOW is about.
func addFlowOf(t *testing.T, m captured) wire.AddFlow {
	t.Helper()
	key, ok := wire.PeekKey(m.bytes)
	for _, flow := range addFlows() {
		if ok && flow.Key == key {
			return flow
		}
	}
	t.Fatalf("packet %d is about an unknown flow: %v", m.packet, key)
	return wire.AddFlow{}
}

func checkData(t *testing.T, m captured) {
	t.Helper()
	whole := completeData(m)
	again, err := recode(whole)
	if err != nil {
		t.Errorf("packet %d: %v", m.packet, err)
		return
	}
	if !bytes.Equal(again, whole) {
		t.Errorf("packet %d is\n%x, encodes to\n%x", m.packet, whole[:wire.DataHeaderSize], again[:wire.DataHeaderSize])
	}
	pattern := make([]byte, len(m.bytes)-wire.DataHeaderSize)
	wire.FillPayload(pattern, m.fromPassive)
	if payload := m.bytes[wire.DataHeaderSize:]; !bytes.Equal(payload, pattern) {
		t.Errorf("packet %d has the payload\n%x, want\n%x", m.packet, payload, pattern)
	}
}

func TestGoldenMessages(t *testing.T) {
	for _, s := range sources {
		t.Run(filepath.Base(s.golden), func(t *testing.T) {
			for _, m := range readGolden(t, s.golden) {
				checkReference(t, m)
			}
		})
	}
}

func TestCaptures(t *testing.T) {
	for _, s := range sources {
		t.Run(filepath.Base(s.capture), func(t *testing.T) {
			messages, err := readCapture(filepath.Join(s.capture, "wire.pcap"), s.basePort)
			if errors.Is(err, fs.ErrNotExist) {
				t.Skipf("the reference's captures are not here: %v", err)
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range messages {
				checkReference(t, m)
			}
			checkCount(t, messages, s)
			checkConfig(t, messages, filepath.Join(s.capture, "run.config"))
			checkResults(t, messages, s.capture)
		})
	}
}
