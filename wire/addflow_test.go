package wire_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"netperfmeter/wire"
)

func TestLegacyEvents(t *testing.T) {
	want := fullAddFlow()
	want.EventSize = wire.LegacyEventSize
	b, err := want.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if want := 194 + 2*40; len(b) != want {
		t.Fatalf("%d bytes, want %d", len(b), want)
	}
	for i := range want.Events {
		copy(b[194+40*i+2:], "memory") // what a 1.9.x leaves in the padding
	}
	got, err := wire.ParseAddFlow(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want\n%+v", got, err, want)
	}
}

func TestEventSizeDefault(t *testing.T) {
	m := fullAddFlow()
	m.EventSize = 0
	b, err := m.Append(nil)
	if err != nil || len(b) != 194+2*36 {
		t.Fatalf("%d bytes, %v", len(b), err)
	}
}

func TestBytesWithoutEvents(t *testing.T) {
	m := fullAddFlow()
	m.Events, m.EventSize = nil, 0
	b, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, "more"...)
	binary.BigEndian.PutUint16(b[2:], uint16(len(b)))
	if got, err := wire.ParseAddFlow(b); err != nil || !reflect.DeepEqual(got, m) {
		t.Errorf("%+v, %v, want\n%+v", got, err, m)
	}
}

func TestMostEvents(t *testing.T) {
	m := fullAddFlow()
	m.Events = make([]wire.Event, wire.MaxEvents)
	for _, m.EventSize = range []int{wire.EventSize, wire.LegacyEventSize} {
		b, err := m.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := wire.ParseAddFlow(b); err != nil || !reflect.DeepEqual(got, m) {
			t.Errorf("size %d: %v", m.EventSize, err)
		}
	}
	m.Events = make([]wire.Event, wire.MaxEvents+1)
	if _, err := m.Append(nil); err == nil {
		t.Error("no error for one event more")
	}
}

func TestLegacy(t *testing.T) {
	b, err := flow2010(1, wire.TCP, "").Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := wire.ParseAddFlow(b); err != nil || m.Legacy() {
		t.Errorf("%v: 2.0.10 taken for a 1.9.x", err)
	}
	for _, offset := range []int{142, 143, 144, 159, 176, 191} {
		old := bytes.Clone(b)
		old[offset] = 1
		m, err := wire.ParseAddFlow(old)
		if err != nil || !m.Legacy() {
			t.Errorf("offset %d: %v, legacy %v", offset, err, m.Legacy())
		}
		if again, err := m.Append(nil); err != nil || !bytes.Equal(again, old) {
			t.Errorf("offset %d: encodes to\n%x, %v", offset, again, err)
		}
	}
}

func TestDescriptionIsCut(t *testing.T) {
	tests := []struct{ name, description, want string }{
		{"fits", strings.Repeat("x", 32), strings.Repeat("x", 32)},
		{"long", strings.Repeat("x", 33), strings.Repeat("x", 32)},
		{"long, in a character", strings.Repeat("x", 31) + "ß", strings.Repeat("x", 31)},
		{"long, between characters", strings.Repeat("x", 30) + "ßß", strings.Repeat("x", 30) + "ß"},
		{"long, not UTF-8", strings.Repeat("\x80", 40), strings.Repeat("\x80", 32)},
	}
	for _, test := range tests {
		b, err := flow2010(1, wire.TCP, test.description).Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := wire.ParseAddFlow(b); err != nil || m.Description != test.want {
			t.Errorf("%s: %q, %v, want %q", test.name, m.Description, err, test.want)
		}
	}
}

// TestAddFlowRefuses builds what no peer may be sent.
func TestAddFlowRefuses(t *testing.T) {
	tests := []struct {
		field  string
		change func(m *wire.AddFlow)
		want   string
	}{
		{"Protocol", func(m *wire.AddFlow) { m.Protocol = 5 }, "is 5, expected 6, 17, 33, 132, 261 or 262"},
		{"StreamID", func(m *wire.AddFlow) { m.Protocol = wire.MPTCP }, "is 45490, expected 0 for MPTCP"},
		{"Description", func(m *wire.AddFlow) { m.Description = "a\x00b" }, "has a NUL byte"},
		{"OrderedMode", func(m *wire.AddFlow) { m.Ordered = 1.01 }, "is 1.01, expected 0 to 1"},
		{"ReliableMode", func(m *wire.AddFlow) { m.Reliable = math.NaN() }, "is NaN, expected 0 to 1"},
		{"MaxMsgSize", func(m *wire.AddFlow) { m.MaxMsgSize = 47 }, "is 47, expected 48 or more"},
		{"RcvBufferSize", func(m *wire.AddFlow) { m.RcvBuffer = 1 << 31 }, "is 2147483648, expected at most 2147483647"},
		{"CongestionControl", func(m *wire.AddFlow) { m.CongestionControl += "c" }, "has 17 bytes, expected at most 16"},
		{"FrameRate", func(m *wire.AddFlow) { m.FrameRate.Kind = 0x80 }, "has the unknown distribution 128, expected 0 to 5"},
		{"FrameSize", func(m *wire.AddFlow) { m.FrameSize.Values[3] = -1 }, "has -1 as parameter 4, expected a finite number >= 0"},
		{"event", func(m *wire.AddFlow) { m.Events[1].Time.Values[0] = math.Inf(1) },
			"2 of 2 has +Inf as parameter 1, expected a finite number >= 0"},
		{"event", func(m *wire.AddFlow) { m.EventSize = 37 }, "has a size of 37, expected 36 or 40"},
	}
	for _, test := range tests {
		m := fullAddFlow()
		test.change(&m)
		b, err := m.Append([]byte("before"))
		if string(b) != "before" {
			t.Errorf("%s: appended %x", test.field, b)
		}
		var wrong *wire.Error
		if !errors.As(err, &wrong) || *wrong != (wire.Error{Message: wire.TypeAddFlow, Field: test.field, Problem: test.want}) {
			t.Errorf("%v, want ADD_FLOW: %s %s", err, test.field, test.want)
		}
	}
}

func TestLegacyDistributions(t *testing.T) {
	tests := []struct{ modern, legacy wire.Distribution }{
		{constant(7), constant(7)},
		{distribution(wire.Uniform, 500, 1500), distribution(wire.Uniform, 1000, 0.5)},
		{distribution(wire.Uniform, 0, 0), distribution(wire.Uniform, 0, 0)},
		{distribution(wire.Uniform, 0, 2), distribution(wire.Uniform, 1, 1)},
		{distribution(wire.Pareto, 2, 1.5), distribution(wire.Pareto, 2, 1.5)},
	}
	for _, test := range tests {
		if got := test.legacy.FromLegacy(); got != test.modern {
			t.Errorf("%v from a 1.9.x is %v, want %v", test.legacy, got, test.modern)
		}
		if got, err := test.modern.ToLegacy(); err != nil || got != test.legacy {
			t.Errorf("%v for a 1.9.x is %v, %v, want %v", test.modern, got, err, test.legacy)
		}
	}
	for _, kind := range []wire.DistributionKind{wire.Normal, wire.TruncNormal} {
		if _, err := distribution(kind, 1, 1).ToLegacy(); !errors.Is(err, wire.ErrLegacyDistribution) {
			t.Errorf("kind %d: %v", kind, err)
		}
	}
}
