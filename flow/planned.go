package flow

import (
	"time"

	"netperfmeter/stats"
)

// advance takes the next frame from the plan; false when there is none.
func (s *Sender) advance() bool {
	s.next, s.planned = s.plan.Next()
	s.planned = s.planned && (s.until == 0 || s.next.At < s.until)
	return s.planned
}

// endAt makes an instant the end of the plan, if that is later.
func (s *Sender) endAt(until time.Duration) {
	if s.until == 0 || s.until > until {
		s.until = until
	}
}

// prepare builds the next frame's first messages before the thread sleeps, so
// that only the time stamps are left to set at the instant of sending.
func (s *Sender) prepare(clock Clock) {
	if s.prepared || s.next.Size <= 0 {
		return
	}
	s.build.begin()
	s.build.start(s.next.Size)
	s.build.add(stats.Microseconds(clock.Realtime()), maxBatchBytes, s.batch)
	s.prepared, s.ahead = true, 0
}

// sendDue sends all frames that are planned for now or before. start is the
// measurement's start, on the same clock as now. channels.ErrWouldBlock, without
// wait, leaves a batch for send.
func (s *Sender) sendDue(start, now int64, wait bool) error {
	if s.prepared {
		if err := s.sendPrepared(start, now, wait); err != nil || !s.due(now-start) {
			return err
		}
	}
	for {
		more := s.fillDue(start, now)
		if len(s.build.batch.Ends) == 0 {
			s.publish()
			return nil
		}
		if err := s.send(wait); err != nil || !more {
			return err
		}
	}
}

// sendPrepared sends what prepare built. The rest of what a frame takes, its
// booking and the drawing of the next one, comes afterwards: after a sleep all of
// it has left the processor's caches, and takes longer than the sending.
func (s *Sender) sendPrepared(start, now int64, wait bool) error {
	s.prepared = false
	if s.stamped = stats.Microseconds(now + s.ahead); s.ahead == 0 {
		s.stamped = stats.Microseconds(s.clock.Realtime())
	}
	s.build.stamp(s.stamped)
	err := s.conn.Send(&s.build.batch, wait)
	s.late(now - start - int64(s.next.At))
	s.advance()
	if err = s.book(0, err, wait); err != nil {
		return err
	}
	return s.send(wait)
}

// due tells whether there is something to send at an instant after the start.
func (s *Sender) due(elapsed int64) bool {
	return s.build.open() || s.planned && int64(s.next.At) <= elapsed
}

// fillDue makes a batch of what is due; true when not all of it had room.
func (s *Sender) fillDue(start, now int64) (more bool) {
	b := &s.build
	stamp := stats.Microseconds(s.clock.Realtime())
	s.stamped = stamp
	b.begin()
	for {
		if !b.open() && !s.startDue(start, now) {
			return false
		}
		messages := len(b.batch.Ends)
		b.add(stamp, maxBatchBytes, s.batch)
		if b.open() || len(b.batch.Ends) == messages {
			return true
		}
	}
}

// startDue begins the next frame that is due and not empty; false: none is.
func (s *Sender) startDue(start, now int64) bool {
	for s.planned {
		lateness := now - start - int64(s.next.At)
		if lateness < 0 {
			return false
		}
		if lateness > int64(stallLimit) {
			s.skip(now - start)
			continue
		}
		size := s.next.Size
		s.late(lateness)
		s.advance()
		if size > 0 {
			s.build.start(size)
			return true
		}
		s.pending.empty++
	}
	return false
}

// skip drops the frames that a stall of the sender has made obsolete.
func (s *Sender) skip(elapsed int64) {
	// The frame in hand has left the plan already.
	s.pending.skipped += 1 + uint64(s.plan.Skip(time.Duration(elapsed)))
	s.advance()
}

// blocked notes a wait for the transport.
func (s *Sender) blocked(ns int64) {
	s.mu.Lock()
	s.sent.Blocked += time.Duration(ns)
	s.mu.Unlock()
}

// late notes how long after its planned instant a frame is sent.
func (s *Sender) late(ns int64) {
	s.pending.late = append(s.pending.late, float64(max(ns, 0))/1e6)
}
