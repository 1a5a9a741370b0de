package passive

import (
	"errors"
	"fmt"
	"io"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/wire"
)

// answerState says what the kernel says of the flows' connections.
func (c *session) answerState(body []byte) (control.StateAnswer, error) {
	q, err := control.ParseStateQuestion(body)
	if err != nil {
		return control.StateAnswer{}, err
	}
	a := control.StateAnswer{Total: len(c.flows), Counters: c.mptcpSince(), Flows: []control.FlowState{}}
	paths := 0
	for i := q.First; i < len(c.flows) && len(a.Flows) < control.StatesAtOnce && paths < control.PathsAtOnce; i++ {
		f := c.flows[i]
		s := control.FlowState{Flow: f.key.Flow, Stream: f.key.Stream}
		if f.flow != nil {
			s.State = f.flow.State()
		}
		paths += len(s.State.Paths)
		a.Flows = append(a.Flows, s)
	}
	return a, nil
}

// mptcpSince is what MPTCP's counters of this network namespace have counted
// since the session began.
func (c *session) mptcpSince() map[string]uint64 {
	return channels.CountersSince(channels.MPTCPCounters(), c.mptcpBefore)
}

// answerTransport reads a piece of a flow's transport vector.
func (c *session) answerTransport(body []byte) (control.TransportAnswer, error) {
	q, err := control.ParseTransportQuestion(body)
	if err != nil {
		return control.TransportAnswer{}, err
	}
	f := c.find(wire.Key{Measurement: c.id, Flow: q.Flow, Stream: q.Stream})
	if f == nil || f.flow == nil || f.flow.TransportText() == nil {
		return control.TransportAnswer{}, fmt.Errorf("no transport vector of flow %d stream %d", q.Flow, q.Stream)
	}
	text := f.flow.TransportText()
	b := make([]byte, min(control.TransportPiece, max(text.Size()-q.Offset, 0)))
	n, err := text.ReadAt(b, q.Offset)
	a := control.TransportAnswer{Text: string(b[:n]), Last: q.Offset+int64(n) >= text.Size()}
	if err != nil && !errors.Is(err, io.EOF) {
		a.Last, a.Problem = true, err.Error()
	}
	return a, nil
}

// sayMPTCP logs what became of the MPTCP flows, as this end knows it.
func sayMPTCP(run *flow.Measurement, flows []*dataFlow) {
	for _, f := range flows {
		if f.flow == nil || f.protocol != wire.MPTCP {
			continue
		}
		state := f.flow.State()
		f.log.Info("MPTCP flow", "flow", f.key.Flow, "seen", state.Describe(run.Span()))
	}
}

// find looks up one of the session's flows.
func (c *session) find(key wire.Key) *dataFlow {
	for _, f := range c.flows {
		if f.key == key {
			return f
		}
	}
	return nil
}
