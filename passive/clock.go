package passive

import (
	"netperfmeter/control"
	"netperfmeter/wire"
)

// clock answers a request with two readings of the wall clock, received and
// now. What else the request says holds from now on. It is called with the
// session's lock.
func (c *session) clock(body []byte, received int64) (wire.Kind, any) {
	request, err := control.ParseClockRequest(body)
	if err != nil {
		return c.reply(wire.KindClock, err)
	}
	if request.OffsetNS != nil && c.run != nil {
		// What arrives here by a clock that is ahead seems to have taken longer.
		c.run.CorrectDelays(*request.OffsetNS, request.Vectors)
	}
	if request.Result != nil {
		c.clocks = request.Result
	}
	c.compares = true
	return wire.KindClock, control.ClockAnswer{ReceivedNS: received, AnsweredNS: c.server.wallClock()}
}
