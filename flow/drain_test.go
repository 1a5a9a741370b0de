package flow

import (
	"testing"
	"testing/synctest"
	"time"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/stats"
	"netperfmeter/wire"
)

// receiveOne gives a receiver its next message.
func receiveOne(t *testing.T, r *Receiver, seq wire.Seq) {
	var sent channels.SendBatch
	channeltest.Add(&sent, seq, 100)
	b := channels.ReceiveBatch{Buf: sent.Buf, Msgs: []channels.Message{{End: 100, Time: time.Now().UnixNano()}}}
	if _, err := r.Accept(&b, 0, 1); err != nil {
		t.Error(err)
	}
}

// TestDrainDatagrams waits for ten datagrams that come every half second, as they
// do where the sender's kernel holds them back.
func TestDrainDatagrams(t *testing.T) {
	expected := &stats.Counts{Packets: 10}
	for _, test := range []struct {
		name     string
		held     bool
		expected *stats.Counts
		came     wire.Seq
		want     uint64
		took     time.Duration
	}{
		{"UDP, none comes in time", false, expected, 1, 0, datagramGrace},
		{"DCCP, all expected come", true, expected, 10, 10, 5 * time.Second},
		{"DCCP, some are lost", true, expected, 7, 7, 3500*time.Millisecond + streamPatience},
		{"DCCP, nobody knows how many", true, nil, 10, 0, datagramGrace},
	} {
		synctest.Test(t, func(t *testing.T) {
			r := NewReceiver(wire.Key{}, time.Second, nil)
			sending := make(chan struct{})
			go func() {
				defer close(sending)
				for seq := range test.came {
					time.Sleep(500 * time.Millisecond)
					receiveOne(t, r, seq)
				}
			}()
			begin := time.Now()
			if late := Drain(t.Context(), []Draining{{Receiver: r, Held: test.held, Expected: test.expected}}); len(late) > 0 {
				t.Errorf("%s: %d flows given up", test.name, len(late))
			}
			took := time.Since(begin)
			_, packets := r.QuietSince()
			<-sending
			if packets != test.want || took < test.took || took > test.took+2*drainPoll {
				t.Errorf("%s: %d messages in %v, expected %d in %v", test.name, packets, took, test.want, test.took)
			}
		})
	}
}
