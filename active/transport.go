package active

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/stats"
	"netperfmeter/wire"
)

// truth is what is known of the transports besides the flows' own states.
type truth struct {
	before map[string]uint64 // MPTCP's counters of this host before the flows were connected
	setUp  map[string]uint64 // how they have grown until the flows were connected
	peer   map[wire.Key]*channels.State
	theirs map[string]uint64 // how the passive side's have grown since the control channel was there
}

// since is how MPTCP's counters of this host have grown up to now.
func (t *truth) since() map[string]uint64 {
	return channels.CountersSince(channels.MPTCPCounters(), t.before)
}

// askEnvironments learns about both hosts, once per run.
func (r *run) askEnvironments(ctx context.Context) error {
	own := channels.ReadEnvironment()
	r.result.ActiveHost = &own
	if !r.client.Ours() {
		return nil
	}
	err := r.client.AskAbout(ctx, wire.KindEnvironment, nil, func(body []byte) error {
		e, err := control.ParseEnvironment(body)
		r.result.PassiveHost = &e
		if err == nil {
			r.result.PassiveVersion, err = control.ParseVersion(body)
		}
		return err
	})
	if errors.Is(err, control.ErrRefused) { // an older program of ours does not tell
		r.result.PassiveHost = nil
		return nil
	}
	if err != nil {
		return lost(err)
	}
	return nil
}

// askStates gets what the passive side's kernel says of all flows.
func (r *run) askStates(ctx context.Context) error {
	if !r.client.Ours() {
		return nil
	}
	r.truth.peer = make(map[wire.Key]*channels.State)
	for first := 0; ; {
		var answer control.StateAnswer
		err := r.client.AskAbout(ctx, wire.KindState, control.StateQuestion{First: first}, func(body []byte) (err error) {
			answer, err = control.ParseStateAnswer(body)
			return err
		})
		if errors.Is(err, control.ErrRefused) {
			return nil
		}
		if err != nil {
			return err
		}
		for i := range answer.Flows {
			f := &answer.Flows[i]
			r.truth.peer[wire.Key{Flow: f.Flow, Stream: f.Stream}] = &f.State
		}
		r.truth.theirs = maps.Clone(answer.Counters)
		first += len(answer.Flows)
		if len(answer.Flows) == 0 || first >= answer.Total {
			return nil
		}
	}
}

// reportTransports says what is known of all flows' transports now.
func (r *run) reportTransports(report *Report) {
	since := r.truth.since()
	start, late := r.measurement.Span()
	for i, f := range r.flows {
		if f.flow == nil {
			continue
		}
		state := f.flow.State()
		t := TransportReport{Active: &state, FellBack: state.MPTCP != nil && !state.MPTCP.InUse}
		if peer := r.truth.peer[local(f.key)]; peer != nil && peer.Time != 0 {
			t.Passive = peer
			t.FellBack = t.FellBack || peer.MPTCP != nil && !peer.MPTCP.InUse
		}
		t.Verdict = evidence{
			own: &state, peer: t.Passive, start: start, late: late, foreign: !r.client.Ours(),
			setUp: r.truth.setUp, since: since, theirs: r.truth.theirs,
			host: report.ActiveHost, peerHost: report.PassiveHost,
		}.verdict()
		report.Flows[i].Transport = t
	}
}

// requireAtSetUp makes a fallback of a flow an error before the run, if MPTCP is
// required.
func (r *run) requireAtSetUp(ctx context.Context) error {
	fallen := slices.ContainsFunc(r.flows, func(f *dataFlow) bool {
		m := f.flow.State().MPTCP
		return m != nil && !m.InUse
	})
	if !r.RequireMPTCP || !fallen {
		return nil
	}
	if err := r.askStates(ctx); err != nil {
		return lost(err)
	}
	r.reportTransports(r.result)
	return r.required(r.result)
}

// required is an error about the first flow that is not what is required.
func (r *run) required(report *Report) error {
	for i := range report.Flows {
		if f := &report.Flows[i]; r.RequireMPTCP && f.Transport.FellBack {
			return fmt.Errorf("%w: flow %d (%s) shall be MPTCP, and %s", ErrRequirement, f.ID, f.Description, f.Transport.Verdict)
		}
	}
	return nil
}

// writeTransport writes this side's transport vector of a flow.
func (r *run) writeTransport(f *dataFlow) {
	text := f.flow.TransportText()
	if text == nil {
		return
	}
	r.writeTransportFile(false, f, io.NewSectionReader(text, 0, text.Size()))
}

// writeTransportFile writes a whole transport vector.
func (r *run) writeTransportFile(passive bool, f *dataFlow, text io.Reader) {
	file, err := r.out.create(r.out.vector.Transport(passive, f.key.Flow, f.key.Stream), nil)
	if err != nil {
		r.out.errs = append(r.out.errs, err)
		return
	}
	var w io.Writer = file
	var z *stats.Bzip2Writer
	if r.out.vector.Compress {
		z = stats.NewBzip2Writer(file, 1)
		w = z
	}
	_, err = io.Copy(w, text)
	if z != nil {
		err = errors.Join(err, z.Close())
	}
	r.out.finish(file, err)
}

// fetchTransport gets the passive side's transport vector of a flow, where
// there is one.
func (r *run) fetchTransport(ctx context.Context, f *dataFlow) error {
	if !r.client.Ours() || f.flow.TransportText() == nil {
		return nil
	}
	text := &transportReader{ctx: ctx, client: r.client, flow: f}
	// The first piece tells whether there is anything to make a file of.
	if err := text.next(); err != nil {
		if errors.Is(err, control.ErrRefused) {
			return nil
		}
		return err
	}
	r.writeTransportFile(true, f, text)
	return text.broken
}

// transportReader reads a transport vector piece by piece.
type transportReader struct {
	ctx    context.Context
	client *control.Client
	flow   *dataFlow
	piece  []byte
	offset int64
	last   bool
	lacks  error // why the end is missing
	broken error // of the control channel
}

func (t *transportReader) next() error {
	q := control.TransportQuestion{Flow: t.flow.key.Flow, Stream: t.flow.key.Stream, Offset: t.offset}
	return t.client.AskAbout(t.ctx, wire.KindTransport, q, func(body []byte) error {
		a, err := control.ParseTransportAnswer(body)
		if a.Problem != "" {
			t.lacks = fmt.Errorf("the passive side: %s", a.Problem)
		}
		t.piece, t.last = []byte(a.Text), a.Last
		t.offset += int64(len(a.Text))
		return err
	})
}

// Read implements io.Reader.
func (t *transportReader) Read(b []byte) (int, error) {
	for len(t.piece) == 0 {
		if t.last && t.lacks != nil {
			return 0, t.lacks
		}
		if t.last {
			return 0, io.EOF
		}
		if t.broken = t.next(); t.broken != nil {
			return 0, t.broken
		}
	}
	n := copy(b, t.piece)
	t.piece = t.piece[n:]
	return n, nil
}
