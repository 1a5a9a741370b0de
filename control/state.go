package control

import (
	"encoding/json"
	"fmt"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// StateQuestion asks for the state of the flows from the First-th on, in the
// order in which they were added.
type StateQuestion struct {
	First int `json:"first"`
}

// StateAnswer is what the passive side's kernel says of connections.
type StateAnswer struct {
	Flows []FlowState `json:"flows"` // as many as fit: the next question begins behind them
	Total int         `json:"total"` // of all flows
	// Counters are by how much those of MPTCP in the passive side's network
	// namespace (nstat's MPTcpExt) have grown since the control channel was
	// there; those that have not are missing.
	Counters map[string]uint64 `json:"counters,omitempty"`
}

// FlowState is one flow's connection.
type FlowState struct {
	Flow   wire.FlowID    `json:"flow"`
	Stream wire.StreamID  `json:"stream"`
	State  channels.State `json:"state"`
}

// TransportQuestion asks for a piece of a flow's transport vector.
type TransportQuestion struct {
	Flow   wire.FlowID   `json:"flow"`
	Stream wire.StreamID `json:"stream"`
	Offset int64         `json:"offset"` // bytes
}

// TransportAnswer is that piece.
type TransportAnswer struct {
	Text string `json:"text"`
	Last bool   `json:"last"` // nothing follows now
	// Problem says why the rest could not be kept; only with Last.
	Problem string `json:"problem,omitempty"`
}

// Bounds of what travels.
const (
	// StatesAtOnce is how many flows are in one StateAnswer at most.
	StatesAtOnce = 1000
	// PathsAtOnce is from how many paths on a StateAnswer takes no more flows:
	// some 700 bytes each.
	PathsAtOnce = 4000
	// TransportPiece is how much text is in one TransportAnswer at most: about
	// what JSON's escapes let double.
	TransportPiece = 1 << 20

	maxText     = 128
	maxCounters = 1000
)

// ParseStateQuestion reads the body of a State extension of the active side;
// empty asks for all from the first one on.
func ParseStateQuestion(body []byte) (StateQuestion, error) {
	var q StateQuestion
	if len(body) == 0 {
		return q, nil
	}
	if err := json.Unmarshal(body, &q); err != nil {
		return q, fmt.Errorf("question for the state: %w", err)
	}
	if q.First < 0 {
		return q, fmt.Errorf("question for the state: first flow %d: expected 0 or more", q.First)
	}
	return q, nil
}

// ParseStateAnswer reads and checks the body of a State extension of the
// passive side.
func ParseStateAnswer(body []byte) (StateAnswer, error) {
	var a StateAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return a, fmt.Errorf("state: %w", err)
	}
	if len(a.Counters) > maxCounters || len(a.Flows) > StatesAtOnce {
		return a, fmt.Errorf("state: %d flows and %d counters: expected at most %d and %d", len(a.Flows), len(a.Counters), StatesAtOnce, maxCounters)
	}
	for i := range a.Flows {
		if err := checkState(&a.Flows[i].State); err != nil {
			return a, fmt.Errorf("state of flow %d: %w", a.Flows[i].Flow, err)
		}
	}
	return a, nil
}

func checkState(s *channels.State) error {
	if len(s.Paths) > channels.MaxPaths {
		return fmt.Errorf("%d paths: expected at most %d", len(s.Paths), channels.MaxPaths)
	}
	if len(s.Protocol) > maxText {
		return fmt.Errorf("protocol of %d bytes: expected at most %d", len(s.Protocol), maxText)
	}
	for i := range s.Paths {
		p := &s.Paths[i]
		if p.Share < 0 || p.Share > 1 {
			return fmt.Errorf("path %d: share %v: expected 0 to 1", i, p.Share)
		}
		if max(len(p.Local), len(p.Remote)) > maxText || p.TCP != nil && len(p.TCP.CongestionControl) > maxText || p.SCTP != nil && len(p.SCTP.State) > maxText {
			return fmt.Errorf("path %d: texts of more than %d bytes", i, maxText)
		}
	}
	return nil
}

// ParseTransportQuestion reads and checks the body of a Transport extension of
// the active side.
func ParseTransportQuestion(body []byte) (TransportQuestion, error) {
	var q TransportQuestion
	if err := json.Unmarshal(body, &q); err != nil {
		return q, fmt.Errorf("question for a transport vector: %w", err)
	}
	if q.Offset < 0 {
		return q, fmt.Errorf("question for a transport vector: offset %d: expected 0 or more", q.Offset)
	}
	return q, nil
}

// ParseTransportAnswer reads and checks the body of a Transport extension of
// the passive side.
func ParseTransportAnswer(body []byte) (TransportAnswer, error) {
	var a TransportAnswer
	if err := json.Unmarshal(body, &a); err != nil {
		return a, fmt.Errorf("transport vector: %w", err)
	}
	if len(a.Text) == 0 && !a.Last {
		return a, fmt.Errorf("transport vector: an empty piece that is not the last: expected text")
	}
	return a, nil
}

// ParseEnvironment reads and checks the body of an Environment extension.
func ParseEnvironment(body []byte) (channels.Environment, error) {
	var e channels.Environment
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fmt.Errorf("environment: %w", err)
	}
	if len(e.CongestionControls) > maxText || max(len(e.System), len(e.Machine), len(e.Kernel), len(e.CongestionControl)) > maxText {
		return e, fmt.Errorf("environment: a list or text of more than %d", maxText)
	}
	if m := e.MPTCP; m != nil && (len(m.Sysctls) > maxCounters || len(m.Counters) > maxCounters || len(m.Endpoints) > maxCounters) {
		return e, fmt.Errorf("environment: a list of more than %d", maxCounters)
	}
	return e, nil
}
