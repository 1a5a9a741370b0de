package stats

import "math"

// timing follows delay and jitter of one direction of a flow, and the longest
// time without a message. Messages count in the order in which they come, late
// ones too.
type timing struct {
	delay  int64   // of the latest message, microseconds
	jitter float64 // microseconds

	summing bool
	delays  Summary // milliseconds
	jitters Summary // milliseconds, in whole microseconds as vectors show it
	shift   int64   // microseconds that are taken out of the delays in the summary

	silence

	// What the summaries were given last; repeats is whether they were given
	// anything since restart.
	repeats bool
	shown   int64 // the jitter
}

// add takes in a message that came at time with the sender's time stamp sent.
// The jitter is RFC 3550's, section 6.4.1: a sixteenth of the difference to the
// message before; the first message has none to differ from. bytes had come
// before it.
func (t *timing) add(time, sent int64, bytes uint64) {
	delay := time - sent
	again := delay == t.delay && t.repeats
	if t.started {
		difference := math.Abs(float64(delay - t.delay))
		t.jitter += (difference - t.jitter) / 16
	}
	if uint64(time-t.last) > t.limit { // or it went back
		t.ended(time, bytes)
	}
	if time >= t.roll {
		t.roll = t.watch.roll(time, bytes)
	}
	t.started, t.last, t.delay = true, time, delay
	if t.summing {
		t.sum(delay-t.shift, again)
	}
}

// sum gives the summaries what the latest message adds. Messages that came
// together mostly repeat the values of the one before.
func (t *timing) sum(delay int64, again bool) {
	if again {
		t.delays.again()
	} else {
		t.delays.Add(float64(delay) / 1000)
	}
	if jitter := int64(t.jitter + 0.5); jitter == t.shown && t.repeats {
		t.jitters.again()
	} else {
		t.jitters.Add(float64(jitter) / 1000)
		t.shown = jitter
	}
	t.repeats = true
}

// restart begins the summaries and the search for the longest gap anew. The
// jitter goes on.
func (t *timing) restart() {
	t.summing, t.repeats = true, false
	t.delays, t.jitters = Summary{}, Summary{}
	t.forget()
}
