package flow

import (
	"fmt"
	"sync"
	"time"

	"netperfmeter/channels"
	"netperfmeter/stats"
	"netperfmeter/wire"
)

// Receiver accounts for what one direction of a flow receives. One goroutine,
// that of the flow's socket, feeds it; anyone may ask for its figures.
type Receiver struct {
	key wire.Key

	mu       sync.Mutex // guards all below; taken once per batch
	counted  *stats.Reception
	recorder *stats.Recorder // nil: no vector
	closed   bool            // what comes now is not counted any more
	last     time.Time       // of the last batch
}

// NewReceiver makes the receiving end of a flow; recorder may be nil.
func NewReceiver(key wire.Key, defragTimeout time.Duration, recorder *stats.Recorder) *Receiver {
	return &Receiver{
		key:      key,
		counted:  stats.NewReception(0, defragTimeout),
		recorder: recorder,
	}
}

// Key returns the flow's identifiers.
func (r *Receiver) Key() wire.Key { return r.key }

// Accept accounts for messages [from, to) of a batch, which all belong to this
// flow. It returns to, or with an error the message that cannot be read; what
// came before that one is counted.
func (r *Receiver) Accept(b *channels.ReceiveBatch, from, to int) (next int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return to, nil
	}
	r.last = time.Now()
	var arrival stats.Arrival
	for i := from; i < to; i++ {
		m := &b.Msgs[i]
		data, err := wire.ParseData(b.Buf[m.Start:m.End])
		if err != nil {
			return i, fmt.Errorf("%v: %w", r.key, err)
		}
		arrival = stats.Arrival{
			Time:    stats.Microseconds(m.Time),
			Sent:    data.TimeStamp,
			Seq:     data.Seq,
			ByteSeq: data.ByteSeq,
			Frame:   data.Frame,
			Length:  m.End - m.Start,
			First:   data.First,
			Last:    data.Last,
		}
		record, ok := r.counted.Account(&arrival)
		if ok && r.recorder != nil {
			r.recorder.Add(record)
		}
	}
	return to, nil
}

// Stats returns a copy of the counters.
func (r *Receiver) Stats() stats.ReceivedStats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counted.Snapshot()
}

// QuietSince tells since when nothing has been received, the zero time if
// nothing ever was, and how many messages there were in all.
func (r *Receiver) QuietSince() (last time.Time, packets uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last, r.counted.Snapshot().Packets
}

// Close ends the counting. final is what the peer has sent in all, nil where
// that is not known.
func (r *Receiver) Close(final *stats.Counts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		r.counted.Finish(final)
	}
}

// Summaries returns delay (ms) and jitter (ms) of all messages. It is for the
// time after Close.
func (r *Receiver) Summaries() (delay, jitter *stats.Summary) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counted.Delay(), r.counted.Jitter()
}
