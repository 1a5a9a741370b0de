package flow

import (
	"errors"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"netperfmeter/channels"
	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// Clock is what senders read and wait with; tests give them one of their own.
type Clock struct {
	Monotonic func() int64 // ns
	Realtime  func() int64 // ns since the epoch
	// Until sleeps to a Monotonic instant, and returns when it is over; it may
	// call rehearse shortly before, see sys.Sleeper.
	Until func(instant int64, rehearse func()) (now int64)
}

// stallLimit: frames that are later than this are skipped, not made up for.
const stallLimit = time.Second

// finishTimeout bounds the wait for room to complete a message that was begun
// when a sender is stopped.
const finishTimeout = time.Second

// Sender sends the frames of one direction of a flow: as planned, or
// saturated. One goroutine at a time drives it; Stats may be called from any.
//
// It is one piece of memory with what sending a planned frame needs side by
// side: of thousands of senders none is in the processor's caches when its turn
// comes, and each place to look at costs more than what is done there.
type Sender struct {
	conn      channels.Conn
	onOff     *traffic.Switch
	batch     int  // messages per call at most
	limit     int  // bytes per batch at most, adapted to the transport's speed
	filled    int  // the limit that the current batch was filled to
	uniform   bool // all frames are one message of the same size
	datagrams bool // a message can be lost on its own
	stopped   atomic.Bool
	stopping  chan struct{} // closed by stop

	clock    Clock
	until    time.Duration // nothing is planned from then on; 0: no end
	next     traffic.Frame // the planned frame that is sent next
	planned  bool          // next is valid
	prepared bool          // the batch holds the next frame's first messages
	stamped  int64         // the time stamp of the batch's messages, microseconds since the epoch
	ahead    int64         // Realtime minus Monotonic when the prepared batch was rehearsed, ns; 0: it was not
	build    builder
	plan     traffic.Plan
	pending  pending

	mu       sync.Mutex // guards all below
	sent     stats.SentStats
	lateness stats.Summary // what sent.Lateness is at first
	measured int64         // like SenderConfig.Omit; 0: the warm-up is over
	warmUp   stats.SentStats
	began    int64 // Monotonic, of the first batch in the results; 0: none yet
	last     int64 // Monotonic, of the last batch
	ended    error
}

// SenderConfig describes one direction of a flow.
type SenderConfig struct {
	Key     wire.Key
	Passive bool // the direction is passive to active
	Spec    traffic.FlowSpec
	Conn    channels.Conn
	Sources traffic.Sources
	Batch   int           // messages per call at most, 0: no bound but the bytes
	Until   time.Duration // frames planned from then on are not sent; 0: no end
	Omit    int64         // what is sent before is a warm-up, us since the epoch; 0: none
	Clock   Clock
}

// NewSender prepares a sender; nothing is sent before it is run.
func NewSender(cfg SenderConfig) *Sender {
	dir, maxMsg := cfg.Spec.Outgoing, cfg.Spec.MaxMsgSize
	if cfg.Spec.Protocol == wire.UDP {
		maxMsg = min(maxMsg, channels.MaxDatagram)
	}
	s := &Sender{
		conn:      cfg.Conn,
		clock:     cfg.Clock,
		batch:     cfg.Batch,
		limit:     maxBatchBytes,
		plan:      *traffic.NewPlan(dir, cfg.Spec.OnOff, cfg.Spec.Repeat, cfg.Sources),
		datagrams: cfg.Spec.Protocol == wire.UDP || cfg.Spec.Protocol == wire.DCCP,

		until:    cfg.Until,
		measured: cfg.Omit,
		stopping: make(chan struct{}),
	}
	s.build.init(cfg.Key, cfg.Passive, maxMsg)
	s.pending.late = s.pending.room[:0]
	s.build.deliver, s.build.batch.Limit = newDelivery(cfg.Spec, cfg.Sources), limitOf(cfg.Spec.Rtx)
	if s.batch == 0 {
		s.batch = math.MaxInt
	}
	if size := dir.Size; size.Kind == wire.Constant {
		s.uniform = s.plan.DrawSize() <= maxMsg // and above 0: it is not idle
	}
	if dir.Saturated() {
		s.onOff = traffic.NewSwitch(cfg.Spec.OnOff, cfg.Spec.Repeat, cfg.Sources.OnOff)
	} else {
		s.sent.Lateness = &s.lateness
	}
	return s
}

// Measured returns a copy of the counters without the warm-up, with the
// lateness (milliseconds; nil for a saturated sender), and what the warm-up was.
func (s *Sender) Measured() (measured stats.SentStats, warmUp stats.Counts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	measured = s.sent.Snapshot()
	if s.measured != 0 {
		return measured.Sub(measured), measured.Counts // it lasted longer than the sending
	}
	if s.warmUp.Packets > 0 {
		measured = measured.Sub(s.warmUp)
	}
	if s.sent.Lateness != nil {
		measured.Lateness = s.sent.Lateness.Copy()
	}
	return measured, s.warmUp.Counts
}

// Stats returns a copy of the counters, without the lateness.
func (s *Sender) Stats() stats.SentStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent.Snapshot()
}

// Err is the error that ended the sender before its time, nil for none.
func (s *Sender) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended
}

// stop makes the sender end: at once where it waits for its next frame, after
// the message that was begun where it waits for the transport.
func (s *Sender) stop() {
	if s.stopped.Swap(true) {
		return
	}
	close(s.stopping)
	s.conn.SetWriteDeadline(time.Unix(1, 0))
}

// send hands the batch to the transport and counts what it took.
// channels.ErrWouldBlock without wait, when there is no room; nil when all of
// the batch is accounted for.
func (s *Sender) send(wait bool) error {
	b := &s.build.batch
	for b.Sent < len(b.Ends) {
		before := b.Sent
		if err := s.book(before, s.conn.Send(b, wait), wait); err != nil {
			return err
		}
	}
	return nil
}

// book counts what the transport took of the batch since before, and sees to the
// error that it returned; nil: there may be more to send.
func (s *Sender) book(before int, err error, wait bool) error {
	b := &s.build.batch
	at := s.stamped // it did not take long
	if wait {
		at = stats.Microseconds(s.clock.Realtime())
	}
	s.count(before, b.Sent, at)
	switch {
	case err == nil:
	case errors.Is(err, channels.ErrWouldBlock):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return s.finish()
	case s.datagrams && channels.IsDropped(err):
		// The datagram got lost inside this host (a link that is down,
		// a firewall): for the flow that is loss like any other.
		s.dropped(b, at)
	default:
		s.mu.Lock()
		s.ended = err
		s.mu.Unlock()
		return err
	}
	return nil
}

// dropped passes over one datagram that the network layer refused.
func (s *Sender) dropped(b *channels.SendBatch, at int64) {
	before := b.Sent
	b.Sent++
	b.Offset = b.Ends[before]
	s.pending.dropped++
	s.count(before, b.Sent, at)
}

// finish completes the message that a stream has begun to take when the sender
// is stopped, so that the peer can count it; the rest of the batch is given
// up.
func (s *Sender) finish() error {
	b := &s.build.batch
	before := b.Sent
	b.Finish()
	if !b.Done() {
		s.conn.SetWriteDeadline(time.Now().Add(finishTimeout))
		s.conn.Send(b, true)
		s.count(before, b.Sent, stats.Microseconds(s.clock.Realtime()))
	}
	return os.ErrDeadlineExceeded
}

// count adds the messages [from, to) of the batch, which the transport has
// accepted at an instant, in microseconds since the epoch.
func (s *Sender) count(from, to int, at int64) {
	if from == to {
		return
	}
	c := s.build.accepted(from, to)
	var unordered, unreliable uint64
	if s.build.deliver != nil {
		unordered, unreliable = countDelivery(s.build.batch.Delivery[from:to])
	}
	s.mu.Lock()
	s.last = s.clock.Monotonic()
	if s.began == 0 {
		s.began = s.last
	}
	if s.measured != 0 && at >= s.measured {
		s.measured, s.began = 0, s.last
		s.warmUp = s.sent.Snapshot()
		s.sent.StartSummaries()
	}
	s.sent.AddBatch(c, at)
	s.sent.Unordered += unordered
	s.sent.Unreliable += unreliable
	s.publishLocked()
	s.mu.Unlock()
}

// span is the time from the first to the last batch in the results.
func (s *Sender) span() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Duration(s.last - s.began)
}

// clockSet moves the end of the warm-up with the wall clock, which was set.
func (s *Sender) clockSet(step time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.measured != 0 {
		s.measured += step.Microseconds()
	}
}

// pending is what the sending goroutine has noted since it last took the lock.
type pending struct {
	late                    []float64            // ms
	room                    [fewMessages]float64 // what late begins with
	empty, skipped, dropped uint64
}

// publish makes what is pending visible to others.
func (s *Sender) publish() {
	s.mu.Lock()
	s.publishLocked()
	s.mu.Unlock()
}

func (s *Sender) publishLocked() {
	for _, late := range s.pending.late {
		s.sent.Lateness.Add(late)
	}
	s.sent.Empty += s.pending.empty
	s.sent.Skipped += s.pending.skipped
	s.sent.Dropped += s.pending.dropped
	s.pending.late = s.pending.late[:0]
	s.pending.empty, s.pending.skipped, s.pending.dropped = 0, 0, 0
}
