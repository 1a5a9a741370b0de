package flow

import (
	"runtime"
	"sync"
	"time"

	"netperfmeter/sys"
)

// sending drives the senders of one side of a measurement: a goroutine for
// each saturated one, and few pacers for all others.
type sending struct {
	senders []*Sender
	pacers  []*pacer
	running sync.WaitGroup
	failed  func(*Sender, error)
	unspare func() // gives back the processors that the pacers were given
}

// flowsPerPacer is a bound of use only where there are many CPUs: one thread
// paces some hundred thousand frames a second.
const flowsPerPacer = 500

// startSending starts all senders; start is the Monotonic instant that their
// plans count from. failed is called, from a goroutine of its own sender, for
// each sender that its transport ended.
func startSending(senders []*Sender, clock Clock, start int64, failed func(*Sender, error)) *sending {
	s := &sending{senders: senders, failed: failed, unspare: func() {}}
	var paced []*Sender
	for _, sender := range senders {
		if sender.onOff == nil {
			paced = append(paced, sender)
			continue
		}
		s.running.Go(func() {
			sender.saturate(start)
			s.ended(sender)
		})
	}
	threads := min(max(runtime.NumCPU()/2, 1), (len(paced)+flowsPerPacer-1)/flowsPerPacer)
	if threads > 0 {
		s.unspare = sys.AddProcessors(runtime.NumCPU())
	}
	for i := range threads {
		p := &pacer{clock: clock, start: start, ended: s.ended, swept: make(chan struct{})}
		share := paced[i*len(paced)/threads : (i+1)*len(paced)/threads]
		s.pacers = append(s.pacers, p)
		s.running.Go(func() { p.run(share) })
	}
	return s
}

func (s *sending) ended(sender *Sender) {
	if err := sender.Err(); err != nil && !sender.stopped.Load() {
		s.failed(sender, err)
	}
}

// stop ends all senders, when what is due has been sent, and returns when they
// have ended: within milliseconds,
// or finishTimeout for a message that the transport has begun to take and has
// no room for.
func (s *sending) stop() {
	for _, p := range s.pacers {
		p.stop()
	}
	for _, p := range s.pacers {
		<-p.swept
	}
	for _, sender := range s.senders {
		sender.stop()
	}
	s.running.Wait()
	s.unspare()
	for _, sender := range s.senders {
		sender.conn.SetWriteDeadline(time.Time{})
	}
}
