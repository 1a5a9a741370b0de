package wire

import "strings"

// check says what a peer could not take, or must not have sent.
func (m *AddFlow) check() error {
	bad := func(field, format string, args ...any) error {
		return problem(TypeAddFlow, field, format, args...)
	}
	streams := m.Protocol == SCTP || m.Protocol == QUIC
	switch {
	case !m.Protocol.known():
		return bad("Protocol", "is %d, expected 6, 17, 33, 132, 261 or 262", m.Protocol)
	case m.Stream != 0 && !streams:
		return bad("StreamID", "is %d, expected 0 for %s", m.Stream, m.Protocol)
	case !(m.Ordered >= 0 && m.Ordered <= 1):
		return bad("OrderedMode", "is %v, expected 0 to 1", m.Ordered)
	case !(m.Reliable >= 0 && m.Reliable <= 1):
		return bad("ReliableMode", "is %v, expected 0 to 1", m.Reliable)
	case m.RcvBuffer > MaxBuffer:
		return bad("RcvBufferSize", "is %d, expected at most %d", m.RcvBuffer, MaxBuffer)
	case m.SndBuffer > MaxBuffer:
		return bad("SndBufferSize", "is %d, expected at most %d", m.SndBuffer, MaxBuffer)
	case m.MaxMsgSize < MinMaxMsgSize:
		return bad("MaxMsgSize", "is %d, expected %d or more", m.MaxMsgSize, MinMaxMsgSize)
	}
	if err := m.checkTexts(); err != nil {
		return err
	}
	if p := m.FrameRate.check(); p != "" {
		return bad("FrameRate", "%s", p)
	}
	if p := m.FrameSize.check(); p != "" {
		return bad("FrameSize", "%s", p)
	}
	for i := range m.Events {
		if p := m.Events[i].Time.check(); p != "" {
			return bad("event", "%d of %d %s", i+1, len(m.Events), p)
		}
	}
	return nil
}

// checkTexts checks what only a sender can get wrong.
func (m *AddFlow) checkTexts() error {
	for _, text := range []struct{ field, value string }{
		{"PathMgr", m.PathMgr},
		{"CongestionControl", m.CongestionControl},
		{"Scheduler", m.Scheduler},
	} {
		if len(text.value) > MaxName {
			return problem(TypeAddFlow, text.field, "has %d bytes, expected at most %d", len(text.value), MaxName)
		}
	}
	for _, text := range []struct{ field, value string }{
		{"Description", m.Description},
		{"CongestionControl", m.CongestionControl},
	} {
		if strings.Contains(text.value, "\x00") {
			return problem(TypeAddFlow, text.field, "has a NUL byte")
		}
	}
	return nil
}
