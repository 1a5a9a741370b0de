package flow

import (
	"container/heap"
	"net/netip"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// manyFlows is more than a core's caches hold: what a flow touches for a
// message counts then, not how many instructions there are.
const manyFlows = 4000

// swallow is a Conn that takes everything and does nothing.
type swallow struct{ channels.Conn }

func (swallow) Send(b *channels.SendBatch, _ bool) error {
	b.Sent, b.Offset = len(b.Ends), len(b.Buf)
	return nil
}
func (swallow) RemoteAddr() netip.AddrPort       { return netip.AddrPort{} }
func (swallow) SetWriteDeadline(time.Time) error { return nil }

// BenchmarkManySenders is the pacer's work for one message of each of many
// flows in turn, without the transport's.
func BenchmarkManySenders(b *testing.B) {
	spec, err := traffic.Parse(wire.UDP, "const50:const200", traffic.Defaults{})
	if err != nil {
		b.Fatal(err)
	}
	now, n := int64(0), int64(0)
	clock := Clock{Monotonic: func() int64 { return now }, Realtime: func() int64 { return now }}
	p := &pacer{clock: clock}
	for i := range manyFlows {
		s := NewSender(SenderConfig{
			Key: wire.Key{Flow: wire.FlowID(i)}, Spec: spec, Conn: swallow{}, Clock: clock,
			Sources: traffic.NewSources(1, wire.FlowID(i), 0, true),
		})
		s.advance()
		p.due = append(p.due, appointment{s.next.At, s})
	}
	heap.Init(&p.due)
	b.ReportAllocs()
	for b.Loop() {
		n++
		now = int64(p.due[0].at) + 1234 + n*7919%50_000
		p.serve(now)
	}
}

// BenchmarkManyReceivers accounts for one message of each of many flows in turn.
func BenchmarkManyReceivers(b *testing.B) {
	var receivers []*Receiver
	for i := range manyFlows {
		receivers = append(receivers, NewReceiver(wire.Key{Flow: wire.FlowID(i)}, 0, nil))
	}
	message := make([]byte, 200)
	batch := channels.ReceiveBatch{Buf: message, Msgs: []channels.Message{{End: 200}}}
	begun := time.Now().UnixNano()
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		r, k := receivers[n%manyFlows], n/manyFlows
		at := begun + int64(k)*20e6
		wire.PutData(message, 200, &wire.Data{
			Key: r.key, First: true, Last: true, Frame: wire.FrameID(k), Seq: wire.Seq(k), ByteSeq: uint64(200 * k),
			TimeStamp: stats.Microseconds(at),
		})
		batch.Msgs[0].Time = at + 50_000 + int64(n*7919%100_000)
		if _, err := r.Accept(&batch, 0, 1); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
