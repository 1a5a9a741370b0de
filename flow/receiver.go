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

	mu       sync.Mutex      // guards all below; taken once per batch
	recorder *stats.Recorder // nil: no vector
	closed   bool            // what comes now is not counted any more
	made     time.Time       // when the Receiver was made
	began    time.Duration   // since then, to the first batch in the results; 0: there was none
	last     time.Duration   // since then, to the last batch; 0: there was none
	measured int64           // arrivals before are a warm-up, us since the epoch; 0: it is over
	counted  stats.Reception
	warmUp   stats.ReceivedStats
	kernel   uint64 // messages whose arrival time is the kernel's
	loose    uint64 // messages that SCTP delivered out of order on purpose, without the warm-up's
	final    bool   // what the peer has sent in all is known
	cut      int    // bytes of a message that the peer's end of the stream cut short

	listing     bool  // gaps are listed
	recordShift int64 // microseconds that are taken out of the records' delays
}

// NewReceiver makes the receiving end of a flow; recorder may be nil.
func NewReceiver(key wire.Key, defragTimeout time.Duration, recorder *stats.Recorder) *Receiver {
	return &Receiver{
		key:      key,
		counted:  *stats.NewReception(0, defragTimeout),
		recorder: recorder,
		made:     time.Now(),
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
	now := max(time.Since(r.made), 1) // reads one clock, where time.Now reads two
	if r.last > 0 {
		r.counted.Waited(now - r.last)
	}
	r.last = now
	if r.began == 0 {
		r.began = now
	}
	if b.KernelTime {
		r.kernel += uint64(to - from)
	}
	var arrival stats.Arrival
	read := int64(-1)
	for i := from; i < to; i++ {
		m := &b.Msgs[i]
		data, err := wire.OpenData(b.Buf[m.Start:m.End])
		if err != nil {
			return i, fmt.Errorf("%v: %w", r.key, err)
		}
		if m.Time != read {
			read, arrival.Time = m.Time, stats.Microseconds(m.Time)
		}
		// Field by field: a literal would be built elsewhere and copied.
		arrival.Sent = data.TimeStamp()
		arrival.Seq, arrival.ByteSeq, arrival.Frame = data.Seq(), data.ByteSeq(), data.Frame()
		arrival.Length = m.End - m.Start
		arrival.First, arrival.Last = data.First(), data.Last()
		if r.measured != 0 && arrival.Time >= r.measured {
			r.endWarmUp()
			r.began = now
		}
		if m.Unordered {
			r.loose++
		}
		record, ok := r.counted.Account(&arrival)
		if ok && r.recorder != nil {
			record.Sent += r.recordShift
			r.recorder.Add(record)
		}
	}
	return to, nil
}

// omit makes what arrives before an instant (microseconds since the epoch) a
// warm-up: counted, but not part of the results.
func (r *Receiver) omit(until int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.measured = until
	r.counted.Omit()
}

// span is the time from the first to the last batch in the results.
func (r *Receiver) span() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last - r.began
}

// clockSet moves the end of the warm-up with the wall clock, which was set.
func (r *Receiver) clockSet(step time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.measured != 0 {
		r.measured += step.Microseconds()
	}
}

// endWarmUp is called with the lock held.
func (r *Receiver) endWarmUp() {
	r.measured, r.loose = 0, 0
	r.warmUp = r.counted.Snapshot()
	r.counted.StartSummaries()
}

// Measured returns a copy of the counters without the warm-up, and what that
// was.
func (r *Receiver) Measured() (measured stats.ReceivedStats, warmUp stats.Counts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.counted.Snapshot()
	if r.warmUp.Packets == 0 && r.measured == 0 {
		return all, stats.Counts{}
	}
	return all.Sub(r.warmUp), r.warmUp.Counts
}

// Stats returns a copy of the counters, warm-up included.
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
	if r.last == 0 {
		return time.Time{}, 0
	}
	return r.made.Add(r.last), r.counted.Snapshot().Packets
}

// Close ends the counting. final is what the peer has sent in all, nil where
// that is not known; end is when the measured time ended, in microseconds since
// the epoch.
func (r *Receiver) Close(final *stats.Counts, end int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.closed = true
		if r.measured != 0 {
			r.endWarmUp() // nothing came after it
		}
		r.final = final != nil
		r.counted.Finish(final)
		r.counted.End(end)
	}
}

// Summaries returns delay (ms) and jitter (ms) of all messages. It is for the
// time after Close.
func (r *Receiver) Summaries() (delay, jitter *stats.Summary) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counted.Delay(), r.counted.Jitter()
}

// noteCut remembers the piece of a message with which a stream ended.
func (r *Receiver) noteCut(bytes int) {
	r.mu.Lock()
	r.cut = bytes
	r.mu.Unlock()
}

// Cut is how many bytes came of a last message that the peer cut short when it
// stopped. They are not counted as received; the reference counts such a
// message as sent.
func (r *Receiver) Cut() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cut
}

// Knowledge says how far the figures can be trusted: how many messages have the
// kernel's arrival time, the others being read when the program got to them,
// and whether loss at the very end is known.
func (r *Receiver) Knowledge() (kernelTimes uint64, final bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.kernel, r.final
}
