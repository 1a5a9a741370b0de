package flow

import (
	"math/rand/v2"

	"netperfmeter/channels"
	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// delivery draws for each message of an SCTP flow how it is to be delivered.
type delivery struct {
	ordered, reliable         float64 // fractions of the messages
	orderSource, trialsSource *rand.Rand
}

// newDelivery returns nil where there is nothing to draw: all in order and
// reliably, or another transport.
func newDelivery(spec traffic.FlowSpec, sources traffic.Sources) *delivery {
	if spec.Protocol != wire.SCTP || spec.Ordered >= 1 && spec.Reliable >= 1 {
		return nil
	}
	return &delivery{spec.Ordered, spec.Reliable, sources.Order, sources.Reliability}
}

func (d *delivery) draw() (how channels.Delivery) {
	// Drawn in any case, so that one fraction does not change what the other
	// gives with the same seed. A value is at least 0 and below 1.
	if d.orderSource.Float64() >= d.ordered {
		how |= channels.Unordered
	}
	if d.trialsSource.Float64() >= d.reliable {
		how |= channels.Unreliable
	}
	return how
}

// limitOf is how long the kernel tries to deliver an unreliable message. Without
// an option there is no limit, as in the reference.
func limitOf(r traffic.Retransmission) channels.Limit {
	switch {
	case !r.Set:
		return channels.Limit{}
	case r.Milliseconds:
		return channels.Limit{Kind: channels.Lifetime, Value: r.Value}
	}
	return channels.Limit{Kind: channels.Retransmissions, Value: r.Value}
}

// countDelivery says how many messages were sent unordered and unreliably.
func countDelivery(messages []channels.Delivery) (unordered, unreliable uint64) {
	for _, how := range messages {
		if how&channels.Unordered != 0 {
			unordered++
		}
		if how&channels.Unreliable != 0 {
			unreliable++
		}
	}
	return unordered, unreliable
}

// Unordered is how many messages SCTP delivered without making them wait for
// those before them, a warm-up left out.
func (r *Receiver) Unordered() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.loose
}

// deliveryLines are the scalars about how messages were delivered.
func (f *Flow) deliveryLines(sent stats.SentStats) []stats.NameValue {
	if f.Spec.Protocol != wire.SCTP {
		return nil
	}
	return []stats.NameValue{
		stats.Integer("Transmitted Unordered Packets", sent.Unordered),
		stats.Integer("Transmitted Unreliable Packets", sent.Unreliable),
		stats.Integer("Received Unordered Packets", f.Receiver.Unordered()),
	}
}
