package traffic

import (
	"math/rand/v2"
	"time"

	"netperfmeter/wire"
)

// Switch yields the instants at which a flow is turned on and off.
type Switch struct {
	events []wire.Event
	repeat bool
	source *rand.Rand

	next int           // index of the next event
	last time.Duration // instant of the one before
	on   bool          // state since then
	done bool
}

// NewSwitch returns the switch of an on/off list that CheckEvents found right.
// Without a list the flow is on from the start. A repeated list draws its
// random times anew in each round.
func NewSwitch(onoff []wire.Event, repeat bool, r *rand.Rand) *Switch {
	s := newSwitch(onoff, repeat, r)
	return &s
}

func newSwitch(onoff []wire.Event, repeat bool, r *rand.Rand) Switch {
	return Switch{events: onoff, repeat: repeat, source: r}
}

// Next returns when the flow changes its state the next time, counted from the
// start of the measurement, and to what; on and off take turns, beginning with
// on. ok is false when nothing changes any more. Instants never decrease: an
// absolute time before that of the previous entry takes effect together with
// it, and a time below 0 counts as 0.
func (s *Switch) Next() (at time.Duration, on bool, ok bool) {
	switch {
	case s.done:
		return 0, s.on, false
	case len(s.events) == 0:
		s.on, s.done = true, true
		return 0, true, true
	case s.next == len(s.events):
		if !s.repeat {
			s.done = true
			return 0, s.on, false
		}
		s.next = 0
	}
	e := &s.events[s.next]
	s.next++
	at = drawTime(e.Time, s.source)
	if e.Relative {
		if at > forever-s.last {
			s.done = true
			return 0, s.on, false
		}
		at += s.last
	}
	s.last = max(s.last, at)
	s.on = !s.on
	return s.last, s.on, true
}
