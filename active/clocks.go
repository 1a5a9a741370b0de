package active

import (
	"context"
	"errors"
	"fmt"
	"time"

	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/stats"
	"netperfmeter/sys"
	"netperfmeter/wire"
)

// When the clocks are compared. Exchanges right before and after the run bound
// the offset at its two ends, those of every clockPeriod what lies in between.
const (
	clockPeriod = 2 * time.Second
	// burstMost exchanges are made at either end, but no more are begun after
	// burstTime: on a long path one or two have to do.
	burstMost = 32
	burstTime = 100 * time.Millisecond
)

// clocks compares the two sides' wall clocks over the control channel, and
// follows the offset for the delays if it is to be taken out of them. One
// goroutine uses it at a time, the one that has the control channel.
type clocks struct {
	client      *control.Client
	measurement *flow.Measurement
	correction  flow.Correction
	refused     error // the peer does not do this
	// patience waits for an answer while the measurement runs, nil: for the
	// usual time. A path that is down for a while is what some measure.
	patience func() error

	series     stats.ClockSeries
	start, end int64 // of the measurement, sys.Monotonic

	taken []takenOffset // in their order, those that are not settled
	bound time.Duration // how much those that are settled were wrong, at most

	found *stats.ClockResult // what the passive side was told
}

// takenOffset is an offset (ns) that was taken out of the delays since an
// instant, until the next one was.
type takenOffset struct{ since, offset int64 }

// maxTaken bounds their memory in a long measurement.
const maxTaken = 1024

// compare makes a burst of exchanges at one end of the run. The error is that
// of a control channel that is of no more use; a peer that does not compare
// clocks is none.
func (c *clocks) compare(ctx context.Context) error {
	begin := time.Now()
	for i := 0; i < burstMost && (i == 0 || time.Since(begin) < burstTime); i++ {
		if err := c.exchange(ctx, control.ClockRequest{}); err != nil {
			return err
		}
	}
	return nil
}

// exchange makes one, unless the peer has refused before.
func (c *clocks) exchange(ctx context.Context, request control.ClockRequest) error {
	if c.refused != nil || !c.client.Ours() {
		return nil
	}
	pending, err := c.client.BeginClock(request)
	if err == nil && c.patience != nil {
		err = c.patience()
	}
	if err != nil {
		return err
	}
	sample, ok, err := c.client.EndClock(ctx, pending)
	switch {
	case errors.Is(err, control.ErrRefused):
		c.refused = err
		return nil
	case err != nil:
		return err
	case ok:
		c.series.Add(sample)
	}
	return nil
}

// begin compares the clocks before the run and takes their offset out of the
// delays to come.
func (c *clocks) begin(ctx context.Context) error {
	if err := c.compare(ctx); err != nil {
		return err
	}
	return c.follow(ctx)
}

// during compares them while the measurement runs, which is as long as running
// lasts; an answer that has not come after the limit is an error
// (control.ErrNoAnswer), and one that has not come when the measurement ends is
// waited for as long as ctx and the usual time allow.
func (c *clocks) during(ctx, running context.Context, limit time.Duration) error {
	c.patience = func() error {
		late := fmt.Errorf("waiting for %v: %w (%v)", wire.KindClock, control.ErrNoAnswer, limit)
		waiting, cancel := context.WithTimeoutCause(running, limit, late)
		defer cancel()
		if err := c.client.WaitReadable(waiting); !errors.Is(err, context.Canceled) {
			return err
		}
		return nil
	}
	defer func() { c.patience = nil }()
	if err := c.exchange(ctx, control.ClockRequest{}); err != nil {
		return err
	}
	return c.follow(ctx)
}

// finish compares them after the run, and tells the passive side what was found.
func (c *clocks) finish(ctx context.Context) error {
	if err := c.compare(ctx); err != nil {
		return err
	}
	if c.found = c.result(); c.found == nil {
		return nil
	}
	return c.exchange(ctx, control.ClockRequest{Result: c.found})
}

// follow takes the offset out of the delays from now on, as it is expected to
// be in the middle of the next period, on both sides.
func (c *clocks) follow(ctx context.Context) error {
	estimate, ok := c.series.Estimate()
	if c.correction == flow.Uncorrected || c.refused != nil || !ok {
		return nil
	}
	shift := estimate.Expected(sys.Monotonic() + int64(clockPeriod/2)).Round(time.Microsecond).Nanoseconds() // as delays have it
	vectors := c.correction == flow.CorrectAll
	if err := c.exchange(ctx, control.ClockRequest{OffsetNS: &shift, Vectors: vectors}); err != nil || c.refused != nil {
		return err
	}
	// What arrives here from a clock that is ahead seems to have taken less.
	c.measurement.CorrectDelays(-shift, vectors)
	c.taken = append(c.taken, takenOffset{sys.Monotonic(), shift})
	if len(c.taken) == maxTaken {
		half := maxTaken / 2
		c.settle(c.taken[:half], c.taken[half].since)
		c.taken = append(c.taken[:0], c.taken[half:]...)
	}
	return nil
}

// settle finds how wrong offsets were that had been taken out until an
// instant: more is known of them than when they were chosen.
func (c *clocks) settle(taken []takenOffset, until int64) {
	estimate, ok := c.series.Estimate()
	for i := len(taken) - 1; i >= 0 && ok; i-- {
		// In between it was less wrong than at one of the ends.
		for _, at := range []int64{taken[i].since, until} {
			offset, bound := estimate.Offset(at)
			c.bound = max(c.bound, (offset-time.Duration(taken[i].offset)).Abs()+bound)
		}
		until = taken[i].since
	}
}

// warnOfClocks says when delays were to be corrected and could not be.
func (r *run) warnOfClocks(result *stats.ClockResult) {
	if r.CorrectDelays == flow.Uncorrected || result != nil && result.Corrected {
		return
	}
	why := "the clocks could not be compared"
	switch {
	case r.clocks.refused != nil:
		why = r.clocks.refused.Error()
	case !r.client.Ours():
		why = "the passive side is another program"
	}
	r.warn("delays are not corrected: %s", why)
}

// result sums up what is known in the end, nil for nothing.
func (c *clocks) result() *stats.ClockResult {
	estimate, ok := c.series.Estimate()
	if !ok || c.start == 0 || c.found != nil {
		return c.found
	}
	result := estimate.Result(min(c.start, c.end), c.end)
	if len(c.taken) > 0 {
		c.settle(c.taken, c.end)
		result.Corrected = true
		result.CorrectionBound = float64(c.bound) / float64(time.Millisecond)
	}
	return &result
}
