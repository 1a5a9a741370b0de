package active

import (
	"netperfmeter/stats"
	"netperfmeter/sys"
)

// Event is something that a measurement has to tell while it happens. One of
// the pointers is set, or Warning.
type Event struct {
	Time int64 // microseconds since the epoch

	Interval  *Interval   // one flow and direction at a statistics event, as far as this side knows it
	Transport *FlowReport // a flow's channel is there, or what runs under it has changed
	Warning   string
}

// tell passes an event on. Calls take their turns.
func (r *run) tell(e Event) {
	if r.Event == nil {
		return
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	if e.Time == 0 {
		e.Time = stats.Microseconds(sys.Realtime())
	}
	r.Event(e)
}

// look is told of each statistics event of this side.
func (r *run) look(e stats.GlobalEvent) {
	if !r.Detailed && r.Event == nil {
		return
	}
	r.timeline.add(e, r.Detailed)
	if r.Event == nil || r.timeline.before == nil {
		return
	}
	own := side{from: r.timeline.before, to: r.timeline.now}
	for i := range r.result.Flows {
		f := &r.result.Flows[i]
		r.tellTransport(i)
		for _, outgoing := range [...]bool{true, false} {
			if !f.Direction(outgoing).Idle {
				row := newInterval(f, i, outgoing, own, side{})
				r.tell(Event{Time: e.Time, Interval: &row})
			}
		}
	}
}
