package wire

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"
)

// Append appends the message to b. It fails, and leaves b as it is, if the
// message holds what no peer may be sent.
func (m AddFlow) Append(b []byte) ([]byte, error) {
	eventSize := m.EventSize
	if eventSize == 0 {
		eventSize = EventSize
	}
	if eventSize != EventSize && eventSize != LegacyEventSize {
		return b, problem(TypeAddFlow, "event", "has a size of %d, expected %d or %d", eventSize, EventSize, LegacyEventSize)
	}
	if len(m.Events) > MaxEvents {
		return b, tooManyEvents(len(m.Events))
	}
	if err := m.check(); err != nil {
		return b, err
	}
	flags := flagIf(m.Debug, flagAddDebug) | flagIf(m.NoDelay, flagAddNoDelay) | flagIf(m.Repeat, flagAddRepeat)
	b, p := extend(b, TypeAddFlow, flags, addFlowSize+len(m.Events)*eventSize)
	m.put(p)
	for i := range m.Events {
		putEvent(p[addFlowSize+i*eventSize:][:eventSize], &m.Events[i])
	}
	return b, nil
}

func (m *AddFlow) put(p []byte) {
	putKey(p, m.Key)
	binary.LittleEndian.PutUint16(p[offAddProtocol:], uint16(m.Protocol))
	copy(p[offAddDescription:offAddOrdered], cutText(m.Description, MaxDescription))
	putFraction(p[offAddOrdered:], m.Ordered)
	putFraction(p[offAddReliable:], m.Reliable)
	binary.BigEndian.PutUint32(p[offAddTrials:], m.RetransmissionTrials)
	putValues(p[offAddFrameRate:], m.FrameRate.Values)
	putValues(p[offAddFrameSize:], m.FrameSize.Values)
	p[offAddRateKind] = uint8(m.FrameRate.Kind)
	p[offAddSizeKind] = uint8(m.FrameSize.Kind)
	binary.BigEndian.PutUint32(p[offAddRcvBuffer:], m.RcvBuffer)
	binary.BigEndian.PutUint32(p[offAddSndBuffer:], m.SndBuffer)
	binary.BigEndian.PutUint16(p[offAddMaxMsgSize:], m.MaxMsgSize)
	p[offAddCMT] = m.CMT
	p[offAddCCID] = m.CCID
	binary.BigEndian.PutUint16(p[offAddNDiffPorts:], m.NDiffPorts)
	copy(p[offAddPathMgr:offAddCongestion], m.PathMgr)
	copy(p[offAddCongestion:offAddScheduler], m.CongestionControl)
	copy(p[offAddScheduler:offAddEvents], m.Scheduler)
	binary.BigEndian.PutUint16(p[offAddEvents:], uint16(len(m.Events)))
}

// ParseAddFlow reads b, which has to be one whole ADD_FLOW. If it fails, the
// result still has the Key when PeekKey can read it.
func ParseAddFlow(b []byte) (AddFlow, error) {
	flags, err := open(b, TypeAddFlow, addFlowSize, MaxMessageSize)
	if err != nil {
		key, _ := PeekKey(b)
		return AddFlow{Key: key}, err
	}
	m := AddFlow{
		Debug:   flags&flagAddDebug != 0,
		NoDelay: flags&flagAddNoDelay != 0,
		Repeat:  flags&flagAddRepeat != 0,
	}
	m.get(b)
	if err := m.getEvents(b); err != nil {
		return AddFlow{Key: m.Key}, err
	}
	if err := m.check(); err != nil {
		return AddFlow{Key: m.Key}, err
	}
	return m, nil
}

func (m *AddFlow) get(b []byte) {
	m.Key = getKey(b)
	m.Protocol = Protocol(binary.LittleEndian.Uint16(b[offAddProtocol:]))
	m.Description = getText(b[offAddDescription:offAddOrdered])
	m.Ordered = getFraction(b[offAddOrdered:])
	m.Reliable = getFraction(b[offAddReliable:])
	m.RetransmissionTrials = binary.BigEndian.Uint32(b[offAddTrials:])
	m.FrameRate = Distribution{DistributionKind(b[offAddRateKind]), getValues(b[offAddFrameRate:])}
	m.FrameSize = Distribution{DistributionKind(b[offAddSizeKind]), getValues(b[offAddFrameSize:])}
	m.RcvBuffer = binary.BigEndian.Uint32(b[offAddRcvBuffer:])
	m.SndBuffer = binary.BigEndian.Uint32(b[offAddSndBuffer:])
	m.MaxMsgSize = binary.BigEndian.Uint16(b[offAddMaxMsgSize:])
	m.CMT = b[offAddCMT]
	m.CCID = b[offAddCCID]
	m.NDiffPorts = binary.BigEndian.Uint16(b[offAddNDiffPorts:])
	m.PathMgr = getObsolete(b[offAddPathMgr:offAddCongestion])
	m.CongestionControl = getText(b[offAddCongestion:offAddScheduler])
	m.Scheduler = getObsolete(b[offAddScheduler:offAddEvents])
}

// getEvents reads the events of a message that is at least addFlowSize long.
// Without events, what follows is ignored, as the reference does.
func (m *AddFlow) getEvents(b []byte) error {
	n := int(binary.BigEndian.Uint16(b[offAddEvents:]))
	rest := b[addFlowSize:]
	switch {
	case n == 0:
		return nil
	case n > MaxEvents:
		return tooManyEvents(n)
	case len(rest) == n*EventSize:
		m.EventSize = EventSize
	case len(rest) == n*LegacyEventSize:
		m.EventSize = LegacyEventSize
	default:
		return problem(TypeAddFlow, "OnOffEvents", "is %d with %d bytes of events, expected %d or %d for each",
			n, len(rest), EventSize, LegacyEventSize)
	}
	m.Events = make([]Event, 0, n)
	for e := range slices.Chunk(rest, m.EventSize) {
		m.Events = append(m.Events, getEvent(e))
	}
	return nil
}

func tooManyEvents(n int) error {
	return problem(TypeAddFlow, "OnOffEvents", "is %d, expected at most %d", n, MaxEvents)
}

func getEvent(e []byte) Event {
	return Event{
		Time:     Distribution{DistributionKind(e[offEventKind]), getValues(e[len(e)-valuesSize:])},
		Relative: e[offEventFlags]&flagEventRelative != 0,
	}
}

func putEvent(e []byte, event *Event) {
	e[offEventKind] = uint8(event.Time.Kind)
	e[offEventFlags] = flagIf(event.Relative, flagEventRelative)
	putValues(e[len(e)-valuesSize:], event.Time.Values)
}

func getFraction(b []byte) float64 {
	return float64(binary.BigEndian.Uint32(b)) / fractionOne
}

func putFraction(b []byte, f float64) {
	binary.BigEndian.PutUint32(b, uint32(math.Round(f*fractionOne)))
}

// getText reads a text that ends at its first NUL, or fills its field.
func getText(b []byte) string {
	text, _, _ := bytes.Cut(b, []byte{0})
	return string(text)
}

// getObsolete keeps all of a field's bytes but the zeros at its end: nobody
// reads the text, but Legacy asks whether there is anything but zeros.
func getObsolete(b []byte) string {
	return string(bytes.TrimRight(b, "\x00"))
}

// cutText cuts text to at most size bytes, and not inside a UTF-8 character.
func cutText(text string, size int) string {
	if len(text) <= size {
		return text
	}
	for end := size; end > size-utf8.UTFMax; end-- {
		if utf8.RuneStart(text[end]) {
			return text[:end]
		}
	}
	return text[:size] // not UTF-8
}
