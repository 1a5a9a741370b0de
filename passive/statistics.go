package passive

import (
	"maps"
	"sync"
	"sync/atomic"

	"netperfmeter/control"
	"netperfmeter/stats"
	"netperfmeter/wire"
)

// Statistics is what a Server has done since it was made, and what it has at
// hand. Counters never go back.
type Statistics struct {
	// Measurements that were started, that were stopped by their active side,
	// and that ended otherwise while they ran.
	Started, Completed, Broken uint64
	Running                    int64 // measurements between START and STOP

	Transports map[wire.Protocol]TransportStatistics // of those that are served
	Refusals   map[Refusal]uint64                    // of those that have occurred

	Control, Data ConnectionStatistics // control channels; data connections, without UDP
}

// TransportStatistics sums up the flows of one transport.
type TransportStatistics struct {
	Added          uint64 // flows since the start
	Flows          int64  // at hand
	Sent, Received stats.Counts
}

// ConnectionStatistics counts the connections of one kind.
type ConnectionStatistics struct {
	Accepted uint64 // since the start
	Open     int64
}

// counters is what Statistics is made of. Nothing on the data path touches it:
// flows are asked for their own counters when somebody looks, and when they end.
type counters struct {
	started, completed, broken atomic.Uint64
	control, data              connections

	mu         sync.Mutex // guards what follows
	transports map[wire.Protocol]*TransportStatistics
	flows      map[*dataFlow]wire.Protocol // at hand; what they have moved is not in transports yet
	refusals   map[Refusal]uint64
}

type connections struct {
	accepted atomic.Uint64
	open     atomic.Int64
}

func newCounters() *counters {
	return &counters{
		transports: make(map[wire.Protocol]*TransportStatistics),
		flows:      make(map[*dataFlow]wire.Protocol),
		refusals:   make(map[Refusal]uint64),
	}
}

// opened counts a connection, until the function that it returns is called.
func (c *counters) opened(of *connections) (closed func()) {
	of.accepted.Add(1)
	of.open.Add(1)
	return func() { of.open.Add(-1) }
}

func (c *counters) refused(reason Refusal) {
	c.mu.Lock()
	c.refusals[reason]++
	c.mu.Unlock()
}

// sessionEnded is told in which state a control channel ended.
func (c *counters) sessionEnded(state control.State) {
	if state == control.Running {
		c.broken.Add(1)
	}
}

func (c *counters) flowAdded(f *dataFlow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	protocol := f.protocol
	c.flows[f] = protocol
	t := c.transports[protocol]
	if t == nil {
		t = new(TransportStatistics)
		c.transports[protocol] = t
	}
	t.Added++
}

// flowEnded takes over what the flow has moved. Its senders have ended.
func (c *counters) flowEnded(f *dataFlow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if protocol, there := c.flows[f]; there {
		delete(c.flows, f)
		c.transports[protocol].add(f)
	}
}

// add adds what a flow has moved so far.
func (t *TransportStatistics) add(f *dataFlow) {
	running := f.running.Load()
	if running == nil {
		return
	}
	t.Sent = t.Sent.Add(running.Sent().Counts)
	t.Received = t.Received.Add(running.Receiver.Stats().Counts)
}

// Statistics takes a look at the server. Any goroutine may do so at any time.
func (s *Server) Statistics() Statistics {
	c := s.counters
	now := Statistics{
		Completed: c.completed.Load(), Broken: c.broken.Load(),
		Control:    ConnectionStatistics{c.control.accepted.Load(), c.control.open.Load()},
		Data:       ConnectionStatistics{c.data.accepted.Load(), c.data.open.Load()},
		Transports: make(map[wire.Protocol]TransportStatistics),
	}
	// Read after the ends: a measurement that has ended has started before.
	now.Started = c.started.Load()
	now.Running = int64(now.Started - now.Completed - now.Broken)
	for _, l := range s.data {
		now.Transports[l.protocol] = TransportStatistics{}
	}
	if len(s.sockets) > 0 {
		now.Transports[wire.UDP] = TransportStatistics{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now.Refusals = maps.Clone(c.refusals)
	for protocol, t := range c.transports {
		now.Transports[protocol] = *t
	}
	for f, protocol := range c.flows {
		t := now.Transports[protocol]
		t.Flows++
		t.add(f)
		now.Transports[protocol] = t
	}
	return now
}
