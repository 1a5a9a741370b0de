package flow

import (
	"math"
	"testing"

	"netperfmeter/channels"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

func sctpSpec(ordered, reliable float64) traffic.FlowSpec {
	return traffic.FlowSpec{Protocol: wire.SCTP, Ordered: ordered, Reliable: reliable}
}

// deliveries draws for n messages.
func deliveries(spec traffic.FlowSpec, seed uint64, stream wire.StreamID, n int) []channels.Delivery {
	d := newDelivery(spec, traffic.NewSources(seed, 0, stream, true))
	drawn := make([]channels.Delivery, n)
	for i := range drawn {
		drawn[i] = d.draw()
	}
	return drawn
}

func TestDeliveryFractions(t *testing.T) {
	const n = 20000
	for _, f := range [][2]float64{{0, 1}, {1, 0}, {0.5, 0.25}, {0.9, 0.9}} {
		drawn := deliveries(sctpSpec(f[0], f[1]), 1, 0, n)
		unordered, unreliable := countDelivery(drawn)
		var both uint64
		for _, how := range drawn {
			if how == channels.Unordered|channels.Unreliable {
				both++
			}
		}
		for _, c := range []struct {
			name string
			got  uint64
			want float64
		}{{"unordered", unordered, 1 - f[0]}, {"unreliable", unreliable, 1 - f[1]}, {"both", both, (1 - f[0]) * (1 - f[1])}} {
			deviation := math.Sqrt(n * c.want * (1 - c.want)) // of a binomial distribution
			if math.Abs(float64(c.got)-n*c.want) > 4*deviation {
				t.Errorf("ordered %v, reliable %v: %d of %d are %s", f[0], f[1], c.got, n, c.name)
			}
		}
	}
}

// TestDeliveryRepeats: a seed gives the same again, neither fraction changes
// what the other gives, and streams are independent.
func TestDeliveryRepeats(t *testing.T) {
	const n = 1000
	first, again := deliveries(sctpSpec(0.5, 0.5), 7, 1, n), deliveries(sctpSpec(0.5, 0.5), 7, 1, n)
	alone, other := deliveries(sctpSpec(0.5, 1), 7, 1, n), deliveries(sctpSpec(0.5, 0.5), 7, 2, n)
	differ := 0
	for i := range first {
		if first[i] != again[i] || first[i]&channels.Unordered != alone[i] {
			t.Fatalf("message %d: %v, again %v, without the other fraction %v", i, first[i], again[i], alone[i])
		}
		if first[i] != other[i] {
			differ++
		}
	}
	if differ < n/2 {
		t.Errorf("%d of %d messages of another stream differ", differ, n)
	}
}

func TestDeliveryOnlyWhereNeeded(t *testing.T) {
	tcp := sctpSpec(0.5, 0.5)
	tcp.Protocol = wire.TCP
	for _, spec := range []traffic.FlowSpec{sctpSpec(1, 1), tcp} {
		if newDelivery(spec, traffic.NewSources(1, 0, 0, true)) != nil {
			t.Errorf("%v, ordered %v, reliable %v", spec.Protocol, spec.Ordered, spec.Reliable)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, test := range []struct {
		rtx  traffic.Retransmission
		want channels.Limit
	}{
		{traffic.Retransmission{}, channels.Limit{}},
		{traffic.Retransmission{Set: true, Value: 3}, channels.Limit{Kind: channels.Retransmissions, Value: 3}},
		{traffic.Retransmission{Set: true, Milliseconds: true}, channels.Limit{Kind: channels.Lifetime}},
	} {
		if got := limitOf(test.rtx); got != test.want {
			t.Errorf("%+v: %+v", test.rtx, got)
		}
	}
}

// TestDeliveryOfBatches: every message of a batch has its own, also when the
// batch is sent again with new numbers.
func TestDeliveryOfBatches(t *testing.T) {
	var b builder
	b.init(wire.Key{}, false, 1000)
	b.deliver = newDelivery(sctpSpec(0.5, 1), traffic.NewSources(3, 0, 0, true))
	fill := func() {
		b.begin()
		for range 50 {
			b.start(100)
			b.add(1, 100000, math.MaxInt)
		}
	}
	fill()
	if len(b.batch.Delivery) != 50 {
		t.Fatalf("%d messages, %d deliveries", len(b.batch.Ends), len(b.batch.Delivery))
	}
	before := append([]channels.Delivery(nil), b.batch.Delivery...)
	b.refill(2)
	same := 0
	for i, how := range b.batch.Delivery {
		if how == before[i] {
			same++
		}
	}
	if len(b.batch.Delivery) != 50 || same == 50 {
		t.Errorf("drawn anew: %d, of them %d as before", len(b.batch.Delivery), same)
	}
	fill()
	if len(b.batch.Delivery) != 50 {
		t.Errorf("the next batch: %d deliveries", len(b.batch.Delivery))
	}
}
