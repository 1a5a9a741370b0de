package flow

import (
	"time"

	"netperfmeter/stats"
	"netperfmeter/traffic"
)

// A time without a message is listed as a gap when it is longer than leastGap
// and than usualGaps of those that the sender's rate makes by itself: a lost
// datagram or two are loss, and a few milliseconds are the scheduling of hosts.
const (
	leastGap  = 100 * time.Millisecond
	usualGaps = 3
)

// GapThreshold returns how long a time without a message has to be to be listed
// as a gap of a direction, 0 for no list: nothing is sent, or gaps of any length
// are part of its plan.
func GapThreshold(d traffic.Direction) time.Duration {
	usual, ok := d.UsualGap()
	if !ok {
		return 0
	}
	return max(leastGap, usualGaps*usual)
}

// WatchGaps makes a flow that was just added look for gaps in what it receives.
// seeded says that the peer's random values come from this measurement's seed.
// Where the times at which the peer's sender is off cannot be known, no gap is
// listed.
func (m *Measurement) WatchGaps(f *Flow, threshold time.Duration, seeded bool) {
	if len(f.Spec.OnOff) > 0 {
		if !seeded && !traffic.Predictable(f.Spec.OnOff) {
			return
		}
		peer := traffic.NewSources(m.cfg.Seed, f.Key.Flow, f.Key.Stream, m.cfg.Passive)
		f.offTimes = &offTimes{events: traffic.NewSwitch(f.Spec.OnOff, f.Spec.Repeat, peer.OnOff)}
	}
	f.Receiver.watchGaps(threshold, f.offTimes)
}

// PeerStopped says that the peer has just ended its senders, which is so before
// its measurement ends.
func (m *Measurement) PeerStopped() { m.peerEnd = stats.Microseconds(m.clock().Realtime()) }

func (r *Receiver) watchGaps(threshold time.Duration, off *offTimes) {
	config := stats.GapConfig{Threshold: threshold}
	if off != nil {
		config.Silence = off.between
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counted.WatchGaps(config)
	r.listing = threshold > 0
}

// planBegins says when the peer's plan begins, in microseconds since the epoch.
func (r *Receiver) planBegins(off *offTimes, start int64) {
	r.mu.Lock()
	off.start = start
	r.mu.Unlock()
}

// begin says when messages begin to be waited for, in microseconds since the
// epoch.
func (r *Receiver) begin(measured int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.listing {
		r.counted.Begin(measured)
	}
}

// Gaps returns the gaps found. It is for the time after Close.
func (r *Receiver) Gaps() stats.GapList {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counted.Gaps()
}
