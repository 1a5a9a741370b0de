package wire

// AppendExtension appends a whole body to b, in as many messages as it takes.
// An empty body is one message. It fails on a body of more than
// MaxExtensionTotal bytes and on a version out of range.
func AppendExtension(b []byte, version int, kind Kind, id MeasurementID, body []byte) ([]byte, error) {
	if len(body) > MaxExtensionTotal {
		return b, bodyTooLong(len(body))
	}
	out := b
	for part := uint16(0); ; part++ {
		n := min(len(body), MaxExtensionBody)
		m := Extension{
			Version: version, Kind: kind, Part: part, Measurement: id,
			Last: n == len(body), Body: body[:n],
		}
		var err error
		if out, err = m.Append(out); err != nil {
			return b, err
		}
		if m.Last {
			return out, nil
		}
		body = body[n:]
	}
}

// ExtensionBody joins the parts of a body. Its zero value waits for a first
// part; after a last part it does so again.
type ExtensionBody struct {
	first Extension // what all the parts have in common
	parts uint16
	bytes []byte
}

// Add takes the next part. It returns the whole body with the last one, which
// is the caller's from then on, and fails on a part that does not follow the
// one before it. After a failure the value is of no further use.
func (e *ExtensionBody) Add(m Extension) (body []byte, done bool, err error) {
	if m.Part != e.parts {
		return nil, false, problem(TypeExtension, "part", "is %d, expected %d", m.Part, e.parts)
	}
	if e.parts == 0 {
		e.first = m
		e.first.Body = nil // the caller's bytes
	}
	switch {
	case m.Kind != e.first.Kind || m.Measurement != e.first.Measurement || m.Version != e.first.Version:
		return nil, false, problem(TypeExtension, "part", "%d (%s) belongs to another body than part 0 (%s)",
			m.Part, m.Kind, e.first.Kind)
	case len(e.bytes)+len(m.Body) > MaxExtensionTotal:
		return nil, false, bodyTooLong(len(e.bytes) + len(m.Body))
	}
	e.bytes = append(e.bytes, m.Body...)
	e.parts++
	if !m.Last {
		return nil, false, nil
	}
	body = e.bytes
	*e = ExtensionBody{}
	return body, true, nil
}

// Pending tells whether a body is under way, so that nothing but its next part
// may come.
func (e *ExtensionBody) Pending() bool { return e.parts != 0 }

func bodyTooLong(n int) error {
	return problem(TypeExtension, "body", "has %d bytes or more in all its parts, expected at most %d", n, MaxExtensionTotal)
}
