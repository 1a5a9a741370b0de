package flow

import (
	"math"

	"netperfmeter/traffic"
)

// offTimes goes through the times at which a sender is off by its plan. The
// lock of the flow's Receiver guards it.
type offTimes struct {
	events *traffic.Switch
	start  int64 // of the plan, microseconds since the epoch

	// The state between two events, in microseconds since the start: a flow
	// with a list starts off.
	on           bool
	since, until int64
	next         bool // the state from then on
}

// mostEvents bounds the work of one call: a gap with a million times on and off
// in it takes long to find, and hardly means anything.
const mostEvents = 1 << 20

// between returns for how many microseconds of a time the sender is off. Calls
// come in the order of their times.
func (o *offTimes) between(from, to int64) (off int64) {
	from, to = from-o.start, to-o.start
	for range mostEvents {
		if !o.on {
			off += max(min(o.until, to)-max(o.since, from), 0)
		}
		if o.until > to {
			break
		}
		o.advance()
	}
	return off
}

// advance goes to the time between the next two events.
func (o *offTimes) advance() {
	o.on, o.since = o.next, o.until
	at, on, ok := o.events.Next()
	if o.until, o.next = at.Microseconds(), on; !ok {
		o.until = math.MaxInt64
	}
}
