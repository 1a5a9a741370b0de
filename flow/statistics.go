package flow

import (
	"io"
	"math"
	"sync"
	"time"

	"netperfmeter/stats"
	"netperfmeter/sys"
)

// Progress is what one side has reached at a statistics event.
type Progress struct {
	Elapsed        time.Duration // since the start, warm-up included
	Sent, Received stats.Counts
	Lost           stats.Counts
	SendRate       float64 // bit/s since the event before
	ReceiveRate    float64 // bit/s since the event before
	CPU            float64 // percent of all CPUs since the event before
}

// clockStep is how much the wall clock must be set for a warning: smaller
// steps do not matter beside what clocks of two hosts differ.
const clockStep = time.Millisecond

// statistics takes a look at all flows at the start, once per interval, and at
// the end, and writes each look down. It has one goroutine.
type statistics struct {
	m       *Measurement
	looks   looks
	begun   int64               // microseconds since the epoch; with a warm-up that is before first
	vector  *stats.GlobalVector // nil: not wanted, or its file has failed
	file    io.Closer           // of a compressed vector
	done    func(error)
	stop    chan struct{}
	halting sync.Once
	ending  sync.Once
	running sync.WaitGroup
	planned time.Time // when the run time is over, zero without one
	halted  time.Time // the end of the measurement
	wallEnd int64     // the same, in microseconds since the epoch

	first, last int64     // microseconds since the epoch, of the events
	start       time.Time // of the measured time, after the warm-up
	warm        bool      // the warm-up is over
	before      time.Time // of the event before
	counters    []stats.FlowCounters
	cpu         []sys.CPUTimes
	progress    Progress
	wall        *sys.ClockWatch
	steps       []ClockStep
	err         error // of the vector file
}

// ClockStep is a step of the wall clock while a measurement ran.
type ClockStep struct {
	At   int64 // microseconds since the epoch, after the step
	Step time.Duration
}

// startStatistics begins with an event. measured is the end of the warm-up, in
// microseconds since the epoch, which the first statistics event in the
// results is then; 0: there is none.
func startStatistics(m *Measurement, vector Vector, measured int64) *statistics {
	s := &statistics{m: m, done: vector.Done, stop: make(chan struct{}), wall: sys.NewClockWatch(clockStep)}
	if vector.File != nil {
		out := vector.File
		if vector.Compress {
			z := stats.NewBzip2Writer(out, 1)
			s.file, out = z, z
		}
		s.vector = stats.NewGlobalVector(out)
	}
	s.wall.Realtime = m.wallClock()
	now, wall := time.Now(), stats.Microseconds(s.wall.Realtime())
	s.before, s.start, s.first, s.begun = now, now, wall, wall
	if m.cfg.Runtime > 0 {
		s.planned = now.Add(m.cfg.Runtime)
	}
	if measured > wall {
		s.first = measured
		s.start = now.Add(time.Duration(measured-wall) * time.Microsecond)
	}
	s.cpu, _ = sys.ReadCPU()
	s.looks = looks{m: m, start: s.start}
	s.event(now, wall)
	s.looks.look(false)
	s.running.Go(s.run)
	return s
}

// run makes an event at each multiple of the interval, before and after the
// end of the warm-up. A late one does not shift those that follow.
func (s *statistics) run() {
	for n := s.passed() + 1; ; n++ {
		at := s.start.Add(time.Duration(n) * s.m.cfg.Interval)
		if !s.planned.IsZero() && !at.Before(s.planned) {
			<-s.stop
			return
		}
		timer := time.NewTimer(time.Until(at))
		select {
		case <-timer.C:
			s.event(time.Now(), stats.Microseconds(s.wall.Realtime()))
			s.looks.look(false)
		case <-s.stop:
			timer.Stop()
			return
		}
		n = max(n, s.passed())
	}
}

// passed is the last multiple of the interval that has come, negative in the
// warm-up.
func (s *statistics) passed() int {
	return int(math.Floor(float64(time.Since(s.start)) / float64(s.m.cfg.Interval)))
}

// event looks at all flows; wall is now in microseconds since the epoch.
func (s *statistics) event(now time.Time, wall int64) {
	interval := now.Sub(s.before)
	if !s.warm && !now.Before(s.start) {
		s.warm = true
		s.m.cpu.begin()
	}
	e := stats.GlobalEvent{
		Time:     wall,
		RelTime:  now.Sub(s.start),
		Interval: interval,
		Flows:    s.count(),
	}
	if s.vector != nil {
		if err := s.vector.Write(e); err != nil {
			s.vector, s.err = nil, err
			s.m.cfg.Log.Error("global vector", "reason", err)
		}
	}
	if step, is := s.wall.Step(); is {
		for _, f := range s.m.flows {
			f.clockSet(step)
		}
		s.steps = append(s.steps, ClockStep{At: e.Time, Step: step})
		s.m.cfg.Log.Warn("the wall clock was set: delays before and after do not compare", "step", step)
	}
	s.before, s.last = now, e.Time
	if s.m.cfg.Event != nil {
		s.m.cfg.Event(e)
	}
	s.tell(e, interval)
}

// measured is how long the measured time was.
func (s *statistics) measured() time.Duration { return s.halted.Sub(s.start) }

// count fills the counters of all flows.
func (s *statistics) count() []stats.FlowCounters {
	s.counters = s.counters[:0]
	for _, f := range s.m.flows {
		received := f.Receiver.Stats()
		s.counters = append(s.counters, stats.FlowCounters{
			ID: f.Flow, Description: f.Spec.Description, Jitter: received.Jitter,
			Sent: f.Sent().Counts, Received: received.Counts, Lost: received.Lost,
		})
	}
	return s.counters
}

// tell passes progress on.
func (s *statistics) tell(e stats.GlobalEvent, interval time.Duration) {
	p := Progress{Elapsed: e.RelTime + s.m.cfg.Omit}
	for i := range e.Flows {
		f := &e.Flows[i]
		p.Sent = p.Sent.Add(f.Sent)
		p.Received = p.Received.Add(f.Received)
		p.Lost = p.Lost.Add(f.Lost)
	}
	p.SendRate = 8 * stats.PerSecond(p.Sent.Sub(s.progress.Sent).Bytes, 0, interval.Microseconds())
	p.ReceiveRate = 8 * stats.PerSecond(p.Received.Sub(s.progress.Received).Bytes, 0, interval.Microseconds())
	if cpu, err := sys.ReadCPU(); err == nil && len(s.cpu) > 0 {
		p.CPU = stats.Load(s.cpu[0], cpu[0]).Busy()
		s.cpu = cpu
	}
	s.progress = p
	if s.m.cfg.Progress != nil {
		s.m.cfg.Progress(p)
	}
}

// halt ends the measured time: now, or when the run time was over, which is
// when the senders' plans have ended. What was in flight then is still counted,
// in the last event, which belongs to that moment.
func (s *statistics) halt() {
	s.halting.Do(func() {
		close(s.stop)
		s.running.Wait()
		s.halted, s.wallEnd = time.Now(), stats.Microseconds(s.wall.Realtime())
		s.looks.look(false) // what is in flight is still to come, but here are all paths
		if late := s.halted.Sub(s.planned); !s.planned.IsZero() && late > 0 && s.before.Before(s.planned) {
			s.halted, s.wallEnd = s.planned, s.wallEnd-late.Microseconds()
		}
	})
}

// end makes the last event and completes the vector. Calls after the first do
// nothing.
func (s *statistics) end() {
	s.halt()
	s.ending.Do(func() {
		s.event(s.halted, s.wallEnd)
		s.looks.look(true)
		if s.file != nil {
			if err := s.file.Close(); s.err == nil {
				s.err = err
			}
		}
		if s.done != nil {
			s.done(s.err)
		}
	})
}
