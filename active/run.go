package active

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/wire"
)

// run is one measurement of the active side.
type run struct {
	Config
	id        wire.MeasurementID
	conn      *control.Conn
	client    *control.Client
	flows     []*dataFlow
	links     []*link
	proven    map[netip.Addr]bool // addresses that the passive side knows to be ours
	measuring chan struct{}       // closed when the first flow has been added
	out       *outputs
	clocks    *clocks

	measurement *flow.Measurement
	reached     flow.Progress // at the last statistics event
	receiving   sync.WaitGroup
	together    flow.Together // reads the data channels of many flows
	failed      chan error    // the first failure of a flow that ends the measurement
	stopping    atomic.Bool   // what ends from now on has been ended
	result      *Report
	timeline    *timeline
	shapes      []shape // of the flows' transports, as they were told
	truth       truth
	telling     sync.Mutex // makes calls of Event take turns

	mu       sync.Mutex // guards what follows
	warnings []string
}

// controlTimeout bounds the connecting, and later each write, of the control
// channel.
const controlTimeout = 30 * time.Second

// Run measures. When the context ends it ends the measurement in order, with
// all results; the report says so. The report comes with an error as well, with
// what is known.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	r := newRun(cfg)
	err := r.run(ctx)
	if r.overdue() && ofDeadline(err) && !errors.Is(err, ErrDeadline) {
		err = fmt.Errorf("%w: %w", ErrDeadline, err)
	}
	r.result.Warnings = r.warnings
	return r.result, err
}

func newRun(cfg Config) *run {
	cfg.PeerTimeout = cmp.Or(cfg.PeerTimeout, channels.DefaultPeerTimeout)
	r := &run{
		Config: cfg, id: wire.NewMeasurementID(rand.Uint64()), failed: make(chan error, 1),
		together: flow.Together{Log: cfg.Log},
		timeline: newTimeline(cmp.Or(cfg.Interval, flow.DefaultInterval)),
		shapes:   make([]shape, len(cfg.Flows)),
	}
	r.result = r.newReport()
	return r
}

// run is Run. When it returns, all that it started has ended.
func (r *run) run(ctx context.Context) error {
	cfg := r.Config
	out, err := openOutputs(cfg)
	if err != nil {
		return err
	}
	r.out = out
	defer r.out.abort()
	r.measurement = flow.NewMeasurement(flow.Config{
		Seed: cfg.Seed, Runtime: cfg.Runtime, Omit: cfg.Omit, Interval: cfg.Interval, VectorEvery: cfg.VectorEvery, Batch: cfg.Batch,
		Timer: cfg.Timer, TempDir: cfg.TempDir, Log: cfg.Log,
		Progress: r.progress, Event: r.look,
		Failed: func(f *flow.Flow, err error) { r.fail(f, err) },
	})
	defer r.close()
	if err := r.prepare(); err != nil {
		return err
	}
	if err := r.setUp(ctx); err != nil {
		return err
	}
	return r.settle(r.measure(ctx))
}

// settle ends the run with its result files; err is how it ended.
func (r *run) settle(err error) error {
	aside, e := r.out.settle(err != nil)
	r.result.Files = r.out.written
	if len(aside) > 0 {
		r.warn("this run has failed: the files of an earlier one stay, its own are %s", strings.Join(aside, ", "))
	}
	if e != nil {
		err = errors.Join(err, fmt.Errorf("%w: %w", ErrResults, e))
	}
	return err
}

// warnOfFloods says which flows nothing holds back.
func (r *run) warnOfFloods() {
	for _, f := range r.Config.Flows {
		if f.Spec.Protocol == wire.UDP && (f.Spec.Outgoing.Saturated() || f.Spec.Incoming.Saturated()) {
			r.warn("flow %d (%s) floods the path with UDP: nothing holds it back, and others on the path suffer", f.Spec.ID, f.Spec.Description)
		}
	}
}

// setUp connects the control channel and adds all flows.
func (r *run) setUp(ctx context.Context) error {
	ctx, cancel := r.bounded(ctx)
	defer cancel()
	r.reportPhase(SettingUp)
	if err := r.connect(ctx); err != nil {
		return err
	}
	r.warnOfFloods()
	r.truth.before = channels.MPTCPCounters()
	identified, dialled := r.dialAhead(ctx)
	defer dialled()
	defer cancel() // before the wait for what is still being dialled
	for i, f := range r.flows {
		if err := f.awaitDial(); err != nil {
			return err
		}
		if err := r.addFlow(ctx, f, i == 0); err != nil {
			return err
		}
		if f.last() {
			identified()
		}
		r.connected(i)
	}
	r.truth.setUp = r.truth.since()
	if err := r.requireAtSetUp(ctx); err != nil {
		return err
	}
	r.out.writeConfig()
	return nil
}

// connect opens the control channel.
func (r *run) connect(ctx context.Context) error {
	timeout := r.ConnectTimeout
	if timeout == 0 {
		timeout = controlTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	conn, fellBack, err := r.dialControl(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	r.result.Control = r.Control
	if fellBack != nil {
		r.result.Control = wire.TCP
		r.warn("%v; the control channel uses TCP instead", fellBack)
	}
	r.result.Connected = true
	r.conn = control.NewConn(conn, controlTimeout)
	r.conn.LimitWrites(r.Deadline)
	r.client = control.NewClient(r.conn, r.id)
	r.clocks = &clocks{client: r.client, measurement: r.measurement, correction: r.CorrectDelays}
	return nil
}

// close ends whatever is still open. It returns when every goroutine has.
func (r *run) close() {
	r.stopping.Store(true)
	if r.conn != nil {
		r.conn.Close()
	}
	r.measurement.Abandon()
	for _, l := range r.links {
		if l.conn != nil {
			l.conn.Close()
		}
	}
	r.receiving.Wait()
	r.together.Close()
}

// fail notes that a flow's data channel broke. With error_on_abort that ends
// the measurement.
func (r *run) fail(f *flow.Flow, err error) {
	err = fmt.Errorf("%w: %s: %w", ErrAborted, name(f), err)
	if !f.Spec.ErrorOnAbort {
		r.warn("%v", err)
		return
	}
	select {
	case r.failed <- err:
	default:
	}
}

// name is how messages call a flow.
func name(f *flow.Flow) string {
	return fmt.Sprintf("flow %d (%s, %v)", f.Flow, f.Spec.Description, f.Spec.Protocol)
}

// warn notes something that the user should know about the figures.
func (r *run) warn(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.Log.Warn(text)
	r.mu.Lock()
	r.warnings = append(r.warnings, text)
	r.mu.Unlock()
	r.tell(Event{Warning: text})
}

// lost makes the error of a control channel that failed.
func lost(err error) error {
	if errors.Is(err, control.ErrRefused) {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return fmt.Errorf("%w: control channel: %w", ErrUnreachable, err)
}

// progress is called by the statistics of the measurement, whose end comes
// before the collecting of results.
func (r *run) progress(p flow.Progress) {
	r.reached = p
	r.report(Measuring, p.Elapsed, p)
}

func (r *run) reportPhase(phase Phase) { r.report(phase, r.reached.Elapsed, r.reached) }

func (r *run) report(phase Phase, elapsed time.Duration, p flow.Progress) {
	if r.Progress == nil {
		return
	}
	remaining := time.Duration(-1)
	if r.Runtime > 0 {
		remaining = max(r.Runtime-elapsed, 0)
	}
	r.Progress(Progress{Phase: phase, Elapsed: elapsed, Remaining: remaining, Flows: len(r.Config.Flows), Progress: p})
}
