package channeltest

import (
	"testing"

	"netperfmeter/channels"
)

// noAllocations sends and receives a batch again and again.
func noAllocations(t *testing.T, a, b channels.Conn, traits Traits) {
	const count = 30
	runs := 200
	if traits.Association {
		runs = 50
	}
	out := batch(0, count, always(1400))
	var in channels.ReceiveBatch
	for _, wait := range []bool{true, false} {
		n := testing.AllocsPerRun(runs, func() {
			out.Sent, out.Offset = 0, 0
			if err := a.Send(out, wait); err != nil {
				t.Fatal(err)
			}
			for got := 0; got < count; got += len(in.Msgs) {
				if err := b.Receive(&in); err != nil {
					t.Fatal(err)
				}
			}
			in.Release()
		})
		if n != 0 {
			t.Errorf("%v allocations for a batch (waiting: %v)", n, wait)
		}
	}
}

// apply takes the options that ADD_FLOW can ask for at their most ordinary.
func apply(t *testing.T, a, b channels.Conn, traits Traits) {
	for _, o := range []channels.Options{
		{},
		{CongestionControl: "default", NoDelay: true},
		{SndBuf: 50000, RcvBuf: 60000},
	} {
		if err := b.Apply(o); err != nil {
			t.Errorf("Apply(%+v): %v", o, err)
		}
	}
	send(t, a, batch(0, 10, always(500)))
	if err := newChecker(t, b, always(500)).of(traits).until(10); err != nil {
		t.Fatal(err)
	}
}
