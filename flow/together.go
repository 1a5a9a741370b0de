package flow

import (
	"log/slog"
	"runtime"
	"sync"

	"netperfmeter/channels"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

const (
	// Many is from how many flows on it pays to read them together: with few of
	// them a goroutine for each is as good, and has a processor of its own.
	Many = 32

	// slowRate is the highest planned rate, in bit/s, of a flow that is read with
	// others: flowsPerPoller of them keep a fourth of a core busy. Faster ones are
	// seldom waited for, and would make others wait.
	slowRate = 20e6

	// flowsPerPoller is a bound of use only where there are many CPUs.
	flowsPerPoller = 500
)

// Together has the connections of many slow flows read by few goroutines. The
// zero value is ready, but for Log.
type Together struct {
	Log *slog.Logger

	mu                 sync.Mutex // guards the next two
	streams, datagrams pollers
}

// pollers are made as they are needed.
type pollers struct {
	list    []*channels.Poller
	adopted int
	failed  bool // no more can be made
}

// Adopt puts a connection, which nobody uses yet, into the care of one of the
// goroutines, if its flow is slow.
func (t *Together) Adopt(conn channels.Conn, spec traffic.FlowSpec) {
	if max(spec.Outgoing.BitRate(), spec.Incoming.BitRate()) > slowRate {
		return
	}
	var of *pollers
	switch spec.Protocol {
	case wire.TCP, wire.MPTCP:
		of = &t.streams
	case wire.UDP: // for the sake of which nobody has to hurry
		of = &t.datagrams
	default:
		return
	}
	if p := t.next(of); p != nil {
		if err := channels.Adopt(conn, p); err != nil {
			t.Log.Debug("a flow is read by a goroutine of its own", "flow", spec.ID, "reason", err)
		}
	}
}

// AdoptSocket does the same for the socket of all UDP flows, which gets a
// goroutine of its own.
func (t *Together) AdoptSocket(socket *channels.UDPSocket) {
	if p := t.next(new(pollers)); p != nil {
		t.mu.Lock()
		t.datagrams.list = append(t.datagrams.list, p)
		t.mu.Unlock()
		if err := socket.Adopt(p); err != nil {
			t.Log.Debug("the UDP socket stays with Go's poller", "reason", err)
		}
	}
}

// next returns the Poller for one more connection, nil for none.
func (t *Together) next(of *pollers) *channels.Poller {
	t.mu.Lock()
	defer t.mu.Unlock()
	most := max(runtime.NumCPU()/2, 1)
	if wanted := min(of.adopted/flowsPerPoller+1, most); len(of.list) < wanted && !of.failed {
		p, err := channels.NewPoller()
		if err != nil {
			t.Log.Debug("sockets stay with Go's poller", "reason", err)
			of.failed = true
		} else {
			of.list = append(of.list, p)
		}
	}
	if len(of.list) == 0 {
		return nil
	}
	of.adopted++
	return of.list[of.adopted%len(of.list)]
}

// Close is for the time after all connections were closed.
func (t *Together) Close() {
	for _, p := range append(t.streams.list, t.datagrams.list...) {
		p.Close()
	}
	t.streams, t.datagrams = pollers{}, pollers{}
}
