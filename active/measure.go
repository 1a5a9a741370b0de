package active

import (
	"context"
	"errors"
	"fmt"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/stats"
	"netperfmeter/sys"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// tellOptions tells a passive side of ours what ADD_FLOW cannot say. Against a
// reference, what the user asked for holds for this end alone.
func (r *run) tellOptions(ctx context.Context) error {
	if !r.client.Ours() {
		r.result.Foreign = true
		r.warn("the passive side is another program: its figures are what it reports, without loss per flow and delays; " +
			"loss at the end of a flow is not known")
		for _, f := range r.Config.Flows {
			if f.Spec.Incoming.Rate.Kind == traffic.Poisson {
				return fmt.Errorf("%w: flow %d (%s): the passive side is another program, which does not know %s",
					ErrRefused, f.Spec.ID, f.Spec.Description, traffic.FormatDistribution(f.Spec.Incoming.Rate))
			}
		}
		for _, option := range []struct {
			name string
			set  bool
		}{
			{"vector-every", r.VectorEvery > 1}, {"batch", r.Batch > 0}, {"interval", r.Interval != 0}, {"omit", r.Omit > 0},
		} {
			if option.set {
				r.warn("the passive side is another program: --%s holds for this side alone", option.name)
			}
		}
		return nil
	}
	err := r.client.Tell(ctx, wire.KindOptions, control.Options{
		Seed: r.Seed, IntervalMS: r.Interval.Milliseconds(), VectorEvery: r.VectorEvery, Batch: r.Batch,
		RuntimeUS: r.Runtime.Microseconds(), OmitUS: r.Omit.Microseconds(),
		GapUS: outgoingGap(&r.Config.Flows[0]), Flows: flowOptions(r.Config.Flows),
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return nil
}

// outgoingGap is how long a time without a message the passive side lists.
func outgoingGap(f *FlowConfig) int64 { return flow.GapThreshold(f.Spec.Outgoing).Microseconds() }

// flowOptions says what ADD_FLOW cannot carry of the flows, and not what is
// that of all, as it is of the first one.
func flowOptions(flows []FlowConfig) []control.FlowOptions {
	var options []control.FlowOptions
	for i := range flows {
		f := &flows[i]
		o := control.FlowOptions{Flow: f.Spec.ID, Stream: f.Spec.Stream}
		if f.Spec.DefragTimeout != stats.DefaultDefragTimeout {
			o.DefragTimeoutMS = f.Spec.DefragTimeout.Milliseconds()
		}
		if f.Spec.Incoming.Rate.Kind == traffic.Poisson {
			o.Rate = traffic.FormatDistribution(f.Spec.Incoming.Rate)
		}
		if gap := outgoingGap(f); gap != outgoingGap(&flows[0]) {
			o.GapUS = &gap
		}
		if o.DefragTimeoutMS != 0 || o.Rate != "" || o.GapUS != nil {
			options = append(options, o)
		}
	}
	return options
}

// nudgeAfter is how long START may wait for its answer before a peer that is not
// ours is nudged; one that is not stuck answers at once.
const nudgeAfter = 300 * time.Millisecond

// nudge repeats IDENTIFY_FLOW of datagram flows until it is stopped. Passive
// sides of 1.9.x sometimes wait in a blocking read for another datagram of a
// flow that has just been identified, and do not get to START meanwhile. A
// repeated IDENTIFY_FLOW is ignored.
func (r *run) nudge() (stop func()) {
	if r.client.Ours() {
		return func() {}
	}
	stopping, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(nudgeAfter)
		defer ticker.Stop()
		for {
			select {
			case <-stopping:
				return
			case <-ticker.C:
			}
			for _, f := range r.flows {
				if datagrams(f.config.Spec.Protocol) {
					message := r.out.identify(f.key).Append(nil)
					batch := channels.SendBatch{Buf: message, Ends: []int{len(message)}}
					f.conn.Send(&batch, false) // the next one may get through
				}
			}
		}
	}()
	return func() {
		close(stopping)
		<-stopped
	}
}

// measure runs the measurement that has been set up, to its end, and collects
// what it gave.
func (r *run) measure(ctx context.Context) error {
	starting, cancel := r.bounded(ctx)
	if err := r.clocks.begin(starting); err != nil {
		cancel()
		return lost(err)
	}
	unnudge := r.nudge()
	err := r.client.Start(starting, r.start())
	cancel()
	unnudge()
	if err != nil {
		return lost(err)
	}
	r.result.Started = true
	r.client.Patience = r.PeerTimeout // from now on there is something to lose
	r.measurement.Start(r.out.globalVector())
	r.clocks.start = sys.Monotonic() + int64(r.Omit)
	watch := r.watchControl(ctx)
	interrupted, broken, err := r.wait(ctx, watch)

	// The results are fetched even though the user has asked for the end.
	ctx, cancel = r.bounded(context.WithoutCancel(ctx))
	defer cancel()
	r.stopping.Store(true)
	r.measurement.StopSending()
	r.clocks.end = sys.Monotonic()
	if e := watch.end(); e != nil && !broken {
		broken, err = true, errors.Join(err, lost(e))
	}
	if !broken {
		if e := r.stop(ctx); e != nil {
			broken, err = true, errors.Join(err, e)
		}
	}
	if broken {
		r.measurement.Close(nil)
	}
	r.timeline.finish()
	r.result.Interrupted = interrupted
	return errors.Join(err, r.collect(ctx, r.result, broken))
}

// start is the START message. Between two of ours the intervals of the passive
// side are fetched even if no vector file is wanted. A reference is asked for
// nothing that its own active side would not ask for.
func (r *run) start() wire.Start {
	m := r.out.start()
	if r.Detailed && r.client.Ours() {
		m.NoVectors = false
	}
	return m
}

// wait returns when the measurement is to end: interrupted if that is before
// its time, broken if the control channel is gone.
func (r *run) wait(ctx context.Context, w *watch) (interrupted, broken bool, err error) {
	var over <-chan time.Time
	if r.Runtime > 0 {
		timer := time.NewTimer(r.Runtime)
		defer timer.Stop()
		over = timer.C
	}
	late, cancel := r.bounded(context.WithoutCancel(ctx))
	defer cancel()
	select {
	case <-over:
	case <-ctx.Done():
		interrupted = r.Runtime > 0
	case <-late.Done():
		broken, err = true, errOverdue
	case err = <-r.failed:
	case e := <-w.broken:
		broken, err = true, lost(e)
		if errors.Is(e, ErrDeadline) { // it came first in an exchange
			err = errOverdue
		}
	}
	return interrupted, broken, err
}

// stop ends the measurement on both sides so that the counts agree.
func (r *run) stop(ctx context.Context) error {
	if r.client.Ours() {
		if err := r.client.Tell(ctx, wire.KindFinalCounts, control.NewFinalCounts(r.measurement.Sent())); err != nil {
			return lost(err)
		}
		if err := r.clocks.finish(ctx); err != nil {
			return lost(err)
		}
	}
	for _, f := range r.flows {
		if f.config.Spec.Protocol == wire.SCTP && r.client.Ours() {
			// A shutdown ends both directions: the passive side does it when its
			// senders have stopped. Others expect it from this side.
			continue
		}
		if err := f.conn.CloseWrite(); err != nil && !errors.Is(err, channels.ErrUnsupported) {
			r.Log.Debug("half-close", "flow", f.key.Flow, "reason", err)
		}
	}
	if err := r.client.Stop(ctx); err != nil {
		return lost(err)
	}
	var final map[wire.Key]*stats.Counts
	if r.client.Ours() {
		counts, err := r.client.FinalCounts(ctx)
		if err != nil {
			return lost(err)
		}
		final = counts.ByKey(r.id)
	}
	r.drain(ctx, final)
	r.measurement.Close(final)
	return nil
}

// drain reads what the passive side had sent before it stopped.
func (r *run) drain(ctx context.Context, final map[wire.Key]*stats.Counts) {
	waiting := make([]flow.Draining, 0, len(r.flows))
	for _, f := range r.flows {
		protocol := f.config.Spec.Protocol
		d := flow.Draining{Receiver: f.flow.Receiver, Expected: final[f.key], Association: protocol == wire.SCTP, Held: protocol == wire.DCCP}
		if !datagrams(protocol) {
			d.Ended = f.link.ended
		}
		waiting = append(waiting, d)
	}
	for _, d := range flow.Drain(ctx, waiting) {
		r.warn("flow %d: gave up waiting for data in flight; they count as not received", d.Receiver.Key().Flow)
	}
}
