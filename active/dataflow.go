package active

import (
	"context"
	"errors"
	"fmt"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// dataFlow is one flow with its data channel.
type dataFlow struct {
	config FlowConfig
	key    wire.Key
	add    wire.AddFlow // what introduces it to the passive side
	link   *link
	conn   channels.Conn // the flow's share of the link
	flow   *flow.Flow
}

// prepare makes the flows. It fails before anything starts where the passive
// side's version cannot understand one of them.
func (r *run) prepare() error {
	for _, config := range r.Config.Flows {
		if s := config.Spec; s.Protocol == wire.SCTP && s.CMT != traffic.CMTOff {
			return fmt.Errorf("%w: flow %d (%s): cmt=%d: Linux's SCTP has no concurrent multipath transfer", ErrRefused, s.ID, s.Description, s.CMT)
		}
		add, err := control.FromSpec(config.Spec, r.id, r.PeerVersion)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		f := &dataFlow{config: config, key: add.Key, add: add}
		if err := r.join(f); err != nil {
			return err
		}
		r.flows = append(r.flows, f)
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

// addFlow introduces a flow to the passive side and its data channel to it.
func (r *run) addFlow(ctx context.Context, f *dataFlow, first bool) error {
	if err := tooLong(f.config.Spec, f.conn); err != nil {
		return err
	}
	err := r.client.AddFlow(ctx, f.add)
	if first {
		err = r.settleKey(ctx, f, err)
	}
	if err != nil {
		return r.refused(f, "was not added", err)
	}
	if first {
		close(r.measuring)
		if err := r.tellOptions(ctx); err != nil {
			return err
		}
		if err := r.askEnvironments(ctx); err != nil {
			return err
		}
	}
	if f.key.Stream == 0 {
		// The receiving goroutine needs to know all of its flows.
		for _, on := range f.link.flows {
			vector := r.out.flowVector(on.key)
			vector.Transport = r.VectorFile != "" && channels.KernelTells(on.config.Spec.Protocol.String())
			on.flow = r.measurement.Add(on.key, on.config.Spec, on.conn, vector)
			r.measurement.WatchGaps(on.flow, flow.GapThreshold(on.config.Spec.Incoming), r.client.Ours())
		}
		r.receiving.Go(func() { r.receive(f.link) })
	}
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
	case datagrams(protocol):
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
