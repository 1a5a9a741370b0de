package flow

import (
	"context"
	"errors"
	"syscall"
	"time"

	"netperfmeter/stats"
)

// Bounds of the wait for what is in flight when a measurement ends.
const (
	// streamPatience: a stream that has not ended and brings nothing for this
	// long is given up.
	streamPatience = time.Second
	// associationPatience is the same for SCTP, which retransmits after a second
	// at the earliest (RTO.Min), then after two and four.
	associationPatience = 8 * time.Second
	// datagramGrace: datagrams that are still under way have this long to
	// come, counted from the last one that did.
	datagramGrace = 200 * time.Millisecond
	// drainLimit bounds the whole wait, however much still comes.
	drainLimit = 20 * time.Second
	drainPoll  = 2 * time.Millisecond
)

// Draining is a flow whose data in flight are waited for.
type Draining struct {
	Receiver *Receiver
	// Ended is closed when the end of the flow's stream has been read; nil for
	// datagrams, which have none.
	Ended <-chan struct{}
	// Held tells of datagrams that the sender's kernel holds back for congestion
	// control (DCCP): those expected are waited for as long as a stream's.
	Held bool
	// Association tells that Ended is the end of an SCTP association, which
	// comes after that of every flow on it.
	Association bool
	// Expected is what the peer has sent in all, nil if unknown.
	Expected *stats.Counts
}

// Drain waits until all that the peers have sent has been read: until each
// stream ends, and the datagrams expected have come or none has come for a
// while, or the context ends. It returns the streams that it gave up.
func Drain(ctx context.Context, flows []Draining) (gaveUp []Draining) {
	begin := time.Now()
	waiting := flows
	for {
		next := waiting[:0:0]
		for _, d := range waiting {
			switch done, late := d.state(begin); {
			case late:
				gaveUp = append(gaveUp, d)
			case !done:
				next = append(next, d)
			}
		}
		waiting = next
		if len(waiting) == 0 {
			return gaveUp
		}
		select {
		case <-ctx.Done():
			return append(gaveUp, waiting...)
		case <-time.After(drainPoll):
		}
	}
}

// state tells whether the flow is done, and whether it is to be given up.
func (d *Draining) state(begin time.Time) (done, late bool) {
	last, packets := d.Receiver.QuietSince()
	waited := time.Since(begin)
	quiet := waited
	if last.After(begin) {
		quiet = time.Since(last)
	}
	complete := d.Expected != nil && packets >= d.Expected.Packets
	patience := streamPatience
	switch {
	case d.Ended == nil:
		grace := datagramGrace
		if d.Held && d.Expected != nil {
			grace = streamPatience
		}
		return complete || quiet > grace || waited > drainLimit, false
	case d.Association && complete:
		return true, false
	case d.Association:
		patience = associationPatience
	}
	select {
	case <-d.Ended:
		return true, false
	default:
		return false, quiet > patience || waited > drainLimit
	}
}

// Reset tells whether an error says that the peer has closed a stream without
// reading all of it, or shut an association down, as a reference peer does at
// the end.
func Reset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ESHUTDOWN)
}
