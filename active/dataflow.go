package active

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/wire"
)

// dataFlow is one flow with its data channel.
type dataFlow struct {
	config FlowConfig
	key    wire.Key
	add    wire.AddFlow // what introduces it to the passive side
	conn   channels.Conn
	flow   *flow.Flow
	ended  chan struct{} // closed when the channel has been read to its end
	err    error         // why it ended; valid then

	dialled chan struct{} // closed when conn or dialErr is there
	dialErr error
}

// prepare makes the flows. It fails before anything starts where the passive
// side's version cannot understand one of them.
func (r *run) prepare() error {
	for _, config := range r.Config.Flows {
		add, err := control.FromSpec(config.Spec, r.id, r.PeerVersion)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		r.flows = append(r.flows, &dataFlow{config: config, key: add.Key, add: add, ended: make(chan struct{}), dialled: make(chan struct{})})
	}
	return nil
}

// dialError tells a transport that this host does not have, or a socket that
// cannot be set up as asked, from a peer that does not answer.
func dialError(err error) error {
	var buffer *channels.BufferError
	var cc *channels.CongestionControlError
	if errors.Is(err, channels.ErrUnsupported) || errors.Is(err, channels.ErrMPTCPDisabled) ||
		errors.As(err, &buffer) || errors.As(err, &cc) {
		return ErrRefused
	}
	return ErrUnreachable
}

func (r *run) dial(ctx context.Context, f *dataFlow) (channels.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	spec := f.config.Spec
	remote := netip.AddrPortFrom(r.Remote, r.Ports.Data(spec.Protocol))
	return channels.Dial(ctx, spec.Protocol, remote, channels.Options{
		Local: f.config.Local, V6Only: spec.V6Only,
		SndBuf: spec.SndBuf, RcvBuf: spec.RcvBuf,
		NoDelay: spec.NoDelay, CongestionControl: spec.CC,
		Offloads: r.Offloads,
	})
}

// addFlow introduces a flow to the passive side and its data channel to it.
func (r *run) addFlow(ctx context.Context, f *dataFlow, first bool) error {
	err := r.client.AddFlow(ctx, f.add)
	if first {
		err = r.settleKey(ctx, f, err)
	}
	if err != nil {
		return r.refused(f, "was not added", err)
	}
	if first {
		if err := r.tellOptions(ctx); err != nil {
			return err
		}
		if err := r.askEnvironments(ctx); err != nil {
			return err
		}
	}
	vector := r.out.flowVector(f.key)
	vector.Transport = r.VectorFile != "" && channels.KernelTells(f.config.Spec.Protocol.String())
	f.flow = r.measurement.Add(f.key, f.config.Spec, f.conn, vector)
	r.measurement.WatchGaps(f.flow, flow.GapThreshold(f.config.Spec.Incoming), r.client.Ours())
	r.receiving.Go(func() { r.receive(f) })
	if err := r.identify(ctx, f); err != nil {
		return r.refused(f, "was not identified", err)
	}
	return nil
}

func (r *run) refused(f *dataFlow, what string, err error) error {
	spec := f.config.Spec
	if errors.Is(err, ErrRequirement) {
		return err // not the flow's fault
	}
	if errors.Is(err, control.ErrRefused) {
		return fmt.Errorf("%w: flow %d (%s, %v) %s: %w", ErrRefused, spec.ID, spec.Description, spec.Protocol, what, err)
	}
	return fmt.Errorf("%w: flow %d (%s, %v) %s: %w", ErrUnreachable, spec.ID, spec.Description, spec.Protocol, what, err)
}

// Tries and time limits of the identification: a datagram may get lost.
const (
	datagramTries   = 5
	datagramTimeout = 2 * time.Second
	streamTimeout   = 10 * time.Second
	streamTimeout19 = 30 * time.Second
)

// identify sends IDENTIFY_FLOW until it is acknowledged.
func (r *run) identify(ctx context.Context, f *dataFlow) error {
	tries, timeout := 1, streamTimeout
	switch protocol := f.config.Spec.Protocol; {
	case protocol == wire.UDP || protocol == wire.DCCP:
		tries, timeout = datagramTries, datagramTimeout
		if protocol == wire.UDP {
			r.proveAddress(ctx, f)
		}
	case r.PeerVersion == control.Version19:
		timeout = streamTimeout19
	}
	message := r.out.identify(f.key).Append(nil)
	for {
		batch := channels.SendBatch{Buf: message, Ends: []int{len(message)}, Stream: f.key.Stream}
		f.conn.SetWriteDeadline(r.until(timeout))
		err := f.conn.Send(&batch, true)
		f.conn.SetWriteDeadline(time.Time{})
		if err != nil {
			return fmt.Errorf("sending IDENTIFY_FLOW: %w", err)
		}
		err = r.client.Identified(ctx, f.key, timeout)
		if tries--; tries == 0 || !errors.Is(err, control.ErrNoAnswer) {
			return err
		}
	}
}

// receive reads the flow's data channel to its end.
func (r *run) receive(f *dataFlow) {
	defer close(f.ended)
	f.err = flow.Receive(f.conn, flow.Handler{
		FlowOf: func(*channels.ReceiveBatch, *channels.Message) *flow.Receiver { return f.flow.Receiver },
		Other: func(b *channels.ReceiveBatch, m *channels.Message) error {
			return fmt.Errorf("%v on a data channel", wire.Type(b.Buf[m.Start]))
		},
		Bad: func(_ *channels.ReceiveBatch, _ *channels.Message, err error) error {
			if f.config.Spec.Protocol == wire.UDP {
				r.Log.Debug("datagram dropped", "flow", f.key.Flow, "reason", err)
				return nil
			}
			return err
		},
	})
	if cut := f.flow.Receiver.Cut(); cut > 0 {
		r.Log.Info("the passive side cut its last message short; it does not count", "flow", f.key.Flow, "bytes", cut)
	}
	switch {
	case r.stopping.Load() || errors.Is(f.err, net.ErrClosed):
	case errors.Is(f.err, io.EOF):
		r.fail(f.flow, errors.New("the passive side closed the data channel"))
	default:
		r.fail(f.flow, fmt.Errorf("receiving: %w", f.err))
	}
}
