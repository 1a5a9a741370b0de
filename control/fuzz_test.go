package control

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"testing"
	"time"

	"netperfmeter/wire"
)

// FuzzToSpec: an ADD_FLOW that is taken gives a flow that can be counted with.
func FuzzToSpec(f *testing.F) {
	for _, m := range []wire.AddFlow{
		{Protocol: wire.TCP, MaxMsgSize: 16000, FrameRate: uniform(1, 10), FrameSize: uniform(100, 200)},
		{Protocol: wire.UDP, MaxMsgSize: 48, Events: []wire.Event{{Relative: true, Time: uniform(0.1, 0.2)}}, Repeat: true, EventSize: wire.LegacyEventSize},
	} {
		b, err := m.Append(nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := wire.ParseAddFlow(b)
		if err != nil {
			return
		}
		spec, err := ToSpec(m)
		if err != nil {
			return
		}
		if rate := spec.Outgoing.BitRate(); math.IsNaN(rate) || rate < 0 {
			t.Errorf("%v sends %v bit/s", spec, rate)
		}
		if spec.MaxMsgSize < wire.MinMaxMsgSize || spec.SndBuf < 0 || spec.RcvBuf < 0 {
			t.Errorf("messages of %d, buffers of %d and %d bytes", spec.MaxMsgSize, spec.SndBuf, spec.RcvBuf)
		}
	})
}

// stream is a connection from which bytes come, so many at a time.
type stream struct {
	net.Conn
	b    []byte
	some int
}

func (s *stream) Read(b []byte) (int, error) {
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), s.some)], s.b)
	s.b = s.b[n:]
	return n, nil
}

// FuzzConn: however a stream is cut, the same messages come out of it, and as
// many bytes.
func FuzzConn(f *testing.F) {
	f.Add(append(wire.Start{Measurement: 1}.Append(nil), wire.RemoveFlow{}.Append(nil)...), 5)
	f.Add([]byte{2, 0, 0, 3}, 1)
	f.Add([]byte{2, 0, 0xff, 0xff, 1}, 3)
	f.Fuzz(func(t *testing.T, b []byte, some int) {
		read := func(some int) (messages []byte, err error) {
			c := NewConn(&stream{b: b, some: some}, time.Second)
			for {
				m, err := c.Read()
				if err != nil {
					return messages, err
				}
				if m.Length != len(m.Bytes) || m.Length < wire.HeaderSize {
					t.Fatalf("%d bytes in a message of %d", len(m.Bytes), m.Length)
				}
				messages = append(messages, m.Bytes...)
			}
		}
		whole, errWhole := read(len(b) + 1)
		pieces, errPieces := read(max(some%100, 1))
		if !bytes.Equal(whole, pieces) || !bytes.HasPrefix(b, whole) || errWhole.Error() != errPieces.Error() {
			t.Errorf("%x, %v\n%x, %v", whole, errWhole, pieces, errPieces)
		}
		if errors.Is(errWhole, io.EOF) && len(whole) != len(b) {
			t.Errorf("%d of %d bytes, and an end in order", len(whole), len(b))
		}
	})
}

// FuzzJoinExtension: parts in any order make a body or an error, never more
// than there may be.
func FuzzJoinExtension(f *testing.F) {
	long, err := wire.AppendExtension(nil, 1, wire.KindOptions, id, bytes.Repeat([]byte("x"), wire.MaxExtensionBody+1))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(long)
	f.Fuzz(func(t *testing.T, b []byte) {
		c := NewConn(&stream{b: b, some: len(b) + 1}, time.Second)
		var parts wire.ExtensionBody
		for {
			m, err := c.Read()
			if err != nil || m.Type != wire.TypeExtension {
				return
			}
			e, done, err := JoinExtension(&parts, m, id)
			if err != nil {
				return
			}
			if len(e.Body) > wire.MaxExtensionTotal || done == parts.Pending() {
				t.Fatalf("%d bytes, done %v, pending %v", len(e.Body), done, parts.Pending())
			}
		}
	})
}

// FuzzQuestions: what an active side may ask for with a body.
func FuzzQuestions(f *testing.F) {
	f.Add([]byte(`{"first":3}`))
	f.Add([]byte(`{"flow":1,"stream":0,"offset":-1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if q, err := ParseStateQuestion(body); err == nil && q.First < 0 {
			t.Errorf("states from flow %d on", q.First)
		}
		if q, err := ParseTransportQuestion(body); err == nil && q.Offset < 0 {
			t.Errorf("a transport vector from byte %d on", q.Offset)
		}
	})
}
