//go:build linux

package endtoend

import (
	"testing"
	"time"

	"netperfmeter/test/lab"
	"netperfmeter/test/relay"
)

// TestDelayAgainstRelay: each message's delay is the time from its stamp to
// the relay's call that sent it on, however busy the machine is: over loopback
// the kernel stamps a datagram's arrival inside of that call.
func TestDelayAgainstRelay(t *testing.T) {
	t.Parallel()
	r := runRelayed(t, relay.Config{Delay: 20 * time.Millisecond}, "-runtime=3", "-udp", "const400:const300:const400:const300")
	r.both(t, func(t *testing.T, d *relay.Direction) {
		receiver, object := r.receiver(d), lab.FlowObject(0)
		if stamps, all := receiver.Uint(t, object, "Kernel Time Stamps"), uint64(len(d.Passages)); stamps != all {
			t.Fatalf("%d of %d messages have the kernel's time stamp", stamps, all)
		}
		passages := make(map[uint64]*relay.Passage)
		for i := range d.Passages {
			passages[d.Passages[i].Seq] = &d.Passages[i]
		}
		off := 0
		lab.EachFlowRow(t, r.vector(d), func(row lab.FlowRow) {
			p := passages[row.Seq]
			if p == nil {
				t.Fatalf("message %d has not passed the relay", row.Seq)
			}
			if least, most := p.Delay(); row.Delay < millis(least)-0.001 || row.Delay > millis(most)+0.001 {
				if off++; off < 4 {
					t.Logf("message %d: delay %v ms, by the relay %v to %v", row.Seq, row.Delay, least, most)
				}
			}
		})
		// The kernel begins to stamp arrivals, of all sockets at once, some
		// time after the first one has asked for it.
		if 100*off > len(d.Passages) {
			t.Errorf("%d of %d delays are not what the relay's log says", off, len(d.Passages))
		}
		least, most := medianDelay(d)
		if median := receiver.Float(t, object, "Delay Percentile 50"); median < least*0.998-0.001 || median > most*1.002+0.001 {
			t.Errorf("the median is %v ms, by the relay %v to %v ms", median, least, most)
		}
	})
}
