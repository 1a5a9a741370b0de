package control

import (
	"fmt"

	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// translateTo19 rewrites a message so that a 1.9.x passive side does what the
// flow says: events in their long form, uniform in its old meaning. The fields
// that are obsolete today are filled as that version fills them, so that a
// passive side of ours takes the message for one of 1.9.x as well.
func translateTo19(m *wire.AddFlow) error {
	if m.Protocol > 0xff {
		return fmt.Errorf("%v: a 1.9.x passive side does not know this transport", m.Protocol)
	}
	for _, d := range []struct {
		name string
		d    *wire.Distribution
	}{{"frame rate", &m.FrameRate}, {"frame size", &m.FrameSize}} {
		if err := distributionTo19(d.d); err != nil {
			return fmt.Errorf("%s: %w", d.name, err)
		}
	}
	events := make([]wire.Event, len(m.Events))
	copy(events, m.Events)
	for i := range events {
		if err := distributionTo19(&events[i].Time); err != nil {
			return fmt.Errorf("on/off entry %d: %w", i+1, err)
		}
	}
	m.Events = events
	m.EventSize = wire.LegacyEventSize
	m.NDiffPorts, m.PathMgr, m.Scheduler = 4, "fullmesh", "default"
	return nil
}

func distributionTo19(d *wire.Distribution) error {
	legacy, err := d.ToLegacy()
	if err != nil {
		return fmt.Errorf("%s: %w", traffic.FormatDistribution(*d), err)
	}
	*d = legacy
	return nil
}

// translateFrom19 reads the uniform distributions of a 1.9.x active side with
// the meaning that they have there.
func translateFrom19(m *wire.AddFlow) {
	m.FrameRate = m.FrameRate.FromLegacy()
	m.FrameSize = m.FrameSize.FromLegacy()
	for i := range m.Events {
		m.Events[i].Time = m.Events[i].Time.FromLegacy()
	}
}
