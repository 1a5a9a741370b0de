package stats

import "time"

// maxClockDrift is the most by which one host's wall clock is expected to run
// faster than another's: a kernel slews its clock by at most 500 ppm as its
// frequency and as much again for a correction (adjtimex(2), adjtime(3)), and
// there are two hosts.
const maxClockDrift = 2000e-6

// ClockSample is what one exchange of time stamps with another host says of
// its wall clock: at the instant At it was ahead of this host's by Low to High.
// That holds however the time of the exchange divides between the two ways.
type ClockSample struct {
	At        int64 // nanoseconds on a clock that does not step
	Low, High int64 // nanoseconds
}

// ClockReadings are the four readings of wall clocks of one exchange, in
// nanoseconds since the epoch: this host sent, the other one received and
// answered, this one got the answer. At is the middle of the exchange and Took
// its time, both by a clock of this host that does not step.
type ClockReadings struct {
	Sent, Received, Answered, Returned int64
	At, Took                           int64
}

// A reading of one clock that goes with no other one is from another time:
// clockTolerance is what a clock may be slewed by during an exchange that is not
// very long, maxClockOffset a difference that no two clocks have.
const (
	clockTolerance = int64(time.Millisecond)
	maxClockOffset = int64(50 * 365 * 24 * time.Hour)
)

// Sample bounds the offset. The request cannot have arrived before it was
// sent, nor the answer: the offset was at most Received - Sent when the request
// arrived, and at least Answered - Returned when the answer left. Both
// instants are within half the exchange of its middle, so that each bound is
// widened by what the clocks can drift apart meanwhile. ok is false for
// readings that cannot be of one exchange, as when a clock was set during it.
func (r *ClockReadings) Sample() (s ClockSample, ok bool) {
	for _, v := range []int64{r.Received, r.Answered} {
		if v < r.Sent-maxClockOffset || v > r.Sent+maxClockOffset {
			return s, false
		}
	}
	took := r.Returned - r.Sent
	stepped := max(took-r.Took, r.Took-took) > clockTolerance
	if stepped || r.Took < 0 || r.Answered < r.Received || took < r.Answered-r.Received {
		return s, false
	}
	drift := int64(maxClockDrift * float64(r.Took) / 2)
	return ClockSample{At: r.At, Low: r.Answered - r.Returned - drift, High: r.Received - r.Sent + drift}, true
}

// RoundTrip is the exchange's time on the way, in both directions together.
func (s *ClockSample) RoundTrip() time.Duration { return time.Duration(s.High - s.Low) }

// maxClockSamples bounds the memory for the samples of a long measurement.
const maxClockSamples = 512

// ClockSeries are the samples of a measurement in the order in which they were
// taken. When they become many, only the one with the shortest round trip of
// every few is kept. The zero value is empty and ready for use.
type ClockSeries struct {
	samples []ClockSample
	each    int // samples that one in samples stands for
	latest  int // samples that the last one of them stands for so far
	total   int
}

// Add takes in a sample.
func (c *ClockSeries) Add(s ClockSample) {
	c.total++
	if c.latest < c.each && len(c.samples) > 0 {
		c.latest++
		if last := &c.samples[len(c.samples)-1]; s.RoundTrip() < last.RoundTrip() {
			*last = s
		}
		return
	}
	if len(c.samples) == maxClockSamples {
		c.samples = narrowest(c.samples, maxClockSamples/2)
		c.each *= 2
	}
	c.samples = append(c.samples, s)
	c.each, c.latest = max(c.each, 1), 1
}

// Exchanges is how many samples there were.
func (c *ClockSeries) Exchanges() int { return c.total }

// narrowest cuts samples into at most n parts of consecutive ones and returns
// each part's sample with the shortest round trip.
func narrowest(samples []ClockSample, n int) []ClockSample {
	size := (len(samples) + n - 1) / n
	best := make([]ClockSample, 0, maxClockSamples)
	for len(samples) > 0 {
		part := samples[:min(size, len(samples))]
		samples = samples[len(part):]
		least := part[0]
		for _, s := range part[1:] {
			if s.RoundTrip() < least.RoundTrip() {
				least = s
			}
		}
		best = append(best, least)
	}
	return best
}
