package active

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"

	"netperfmeter/channels"
	"netperfmeter/flow"
	"netperfmeter/wire"
)

// link is a data channel with the flows on it: one, or a flow for each stream
// of an SCTP association, counted from 0.
type link struct {
	conn  channels.Conn
	flows []*dataFlow
	ended chan struct{} // closed when the channel has been read to its end

	dialled chan struct{} // closed when conn or dialErr is there
	dialErr error
}

// last tells whether no further flow is on f's link.
func (f *dataFlow) last() bool { return f == f.link.flows[len(f.link.flows)-1] }

// join puts a flow on a link of its own or, as a further stream, on that of the
// flow before it.
func (r *run) join(f *dataFlow) error {
	if f.key.Stream == 0 {
		f.link = &link{ended: make(chan struct{}), dialled: make(chan struct{})}
		r.links = append(r.links, f.link)
	} else {
		var before *dataFlow
		if n := len(r.flows); n > 0 {
			before = r.flows[n-1]
		}
		if before == nil || before.config.Spec.Protocol != f.config.Spec.Protocol || before.key.Stream+1 != f.key.Stream {
			return fmt.Errorf("flow %d: stream %d without the one before it", f.key.Flow, f.key.Stream)
		}
		f.link = before.link
	}
	f.link.flows = append(f.link.flows, f)
	return nil
}

// dial connects with what the first flow asks for. What the others ask for is
// set in their order, as the passive side does it.
func (r *run) dial(ctx context.Context, l *link) error {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	first := l.flows[0].config.Spec
	remote := netip.AddrPortFrom(r.Remote, r.Ports.Data(first.Protocol))
	conn, err := channels.Dial(ctx, first.Protocol, remote, r.options(l.flows[0]))
	if err != nil {
		return err
	}
	if len(r.links) >= flow.Many {
		r.together.Adopt(conn, first)
	}
	l.conn = conn
	for _, f := range l.flows {
		f.conn = channels.Share(conn)
	}
	for _, f := range l.flows[1:] {
		if err := f.conn.Apply(r.options(f)); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) options(f *dataFlow) channels.Options {
	spec := f.config.Spec
	return channels.Options{
		Local: f.config.Local, V6Only: spec.V6Only,
		SndBuf: spec.SndBuf, RcvBuf: spec.RcvBuf,
		NoDelay: spec.NoDelay, CongestionControl: spec.CC, CCID: spec.CCID,
		Offloads: r.Offloads, PeerTimeout: r.PeerTimeout,
	}
}

// receive reads a data channel to its end. The streams of an association that no
// flow has are nobody's.
func (r *run) receive(l *link) {
	defer close(l.ended)
	first := l.flows[0]
	receivers := make([]*flow.Receiver, len(l.flows))
	for i, f := range l.flows {
		receivers[i] = f.flow.Receiver
	}
	var only *flow.Receiver
	if len(receivers) == 1 && first.config.Spec.Protocol != wire.SCTP {
		only = receivers[0]
	}
	err := flow.Receive(l.conn, flow.Handler{
		Flow: only,
		FlowOf: func(_ *channels.ReceiveBatch, m *channels.Message) *flow.Receiver {
			if int(m.Stream) < len(receivers) {
				return receivers[m.Stream]
			}
			return nil
		},
		Other: func(b *channels.ReceiveBatch, m *channels.Message) error {
			return fmt.Errorf("%v on stream %d of a data channel", wire.Type(b.Buf[m.Start]), m.Stream)
		},
		Bad: func(_ *channels.ReceiveBatch, _ *channels.Message, err error) error {
			if first.config.Spec.Protocol == wire.UDP {
				r.Log.Debug("datagram dropped", "flow", first.key.Flow, "reason", err)
				return nil
			}
			return err
		},
	})
	for _, f := range l.flows {
		r.ended(f, err)
	}
}

// ended says what the end of a flow's data channel means to it.
func (r *run) ended(f *dataFlow, err error) {
	if cut := f.flow.Receiver.Cut(); cut > 0 {
		r.Log.Info("the passive side cut its last message short; it does not count", "flow", f.key.Flow, "bytes", cut)
	}
	switch {
	case r.stopping.Load() || errors.Is(err, net.ErrClosed):
	case errors.Is(err, io.EOF):
		r.fail(f.flow, errors.New("the passive side closed the data channel"))
	default:
		r.fail(f.flow, fmt.Errorf("receiving: %w", err))
	}
}
