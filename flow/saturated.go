package flow

import (
	"time"

	"netperfmeter/stats"
)

// A batch that the transport took longer than batchAge for makes the next
// one smaller, a batch that went faster than a quarter of that larger: the
// time stamps of a batch are read when it is built, and waiting behind other
// messages of the same batch must not show in the delay.
const batchAge = 2 * time.Millisecond

// emptyDraws bounds the frames of size 0 that are drawn in a row before the
// sender pauses: a size distribution may give nearly nothing else.
const emptyDraws = 1000

// saturate sends as fast as the transport takes it while the flow is on.
// start is the Monotonic instant of the measurement's start. It returns when
// the sender is stopped, when the transport fails, and when the flow is off for
// good.
func (s *Sender) saturate(start int64) {
	on := false
	at, state, more := s.onOff.Next()
	for !s.stopped.Load() {
		now := s.clock.Monotonic()
		if s.until > 0 && now >= start+int64(s.until) {
			return
		}
		for more && now >= start+int64(at) {
			on = state
			at, state, more = s.onOff.Next()
		}
		switch {
		case on:
			if !s.saturateOnce(now) {
				return
			}
		case more:
			s.pause(time.Duration(start + int64(at) - now))
		default:
			return
		}
	}
}

// saturateOnce fills one batch and sends it; false: the sender has ended.
func (s *Sender) saturateOnce(now int64) bool {
	s.fillSaturated()
	if len(s.build.batch.Ends) == 0 {
		s.publish()
		s.pause(time.Millisecond)
		return true
	}
	if s.send(true) != nil {
		return false
	}
	s.adapt(time.Duration(s.clock.Monotonic() - now))
	return true
}

func (s *Sender) fillSaturated() {
	b := &s.build
	if s.uniform && s.filled == s.limit && b.batch.Done() {
		b.refill(stats.Microseconds(s.clock.Realtime()))
		return
	}
	b.begin()
	s.filled = s.limit
	now := stats.Microseconds(s.clock.Realtime())
	empty := 0
	for len(b.batch.Buf) < s.limit && len(b.batch.Ends) < s.batch && empty < emptyDraws {
		if !b.open() {
			size := s.plan.DrawSize()
			if size <= 0 {
				empty++
				continue
			}
			b.start(size)
		}
		messages := len(b.batch.Ends)
		b.add(now, s.limit, s.batch)
		if len(b.batch.Ends) == messages {
			break
		}
	}
	s.pending.empty += uint64(empty)
}

// adapt keeps the age of a batch's last message near batchAge at most.
func (s *Sender) adapt(took time.Duration) {
	switch {
	case took > batchAge:
		s.limit = max(s.limit/2, s.build.maxMsg)
	case took < batchAge/4:
		s.limit = min(s.limit*2, maxBatchBytes)
	}
}

// pause waits, unless the sender is stopped meanwhile.
func (s *Sender) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.stopping:
	}
}
