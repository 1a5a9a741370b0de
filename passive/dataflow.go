package passive

import (
	"log/slog"
	"net/netip"
	"sync/atomic"

	"netperfmeter/channels"
	"netperfmeter/flow"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// dataFlow is one flow from its ADD_FLOW to its REMOVE_FLOW. Its session's
// lock guards what changes after it was entered into the registry, but for
// peer, which the registry's guards.
type dataFlow struct {
	// These do not change.
	key      wire.Key
	protocol wire.Protocol
	session  *session
	log      *slog.Logger // names the peer and the measurement

	spec traffic.FlowSpec
	peer netip.AddrPort // UDP: the source address of its IDENTIFY_FLOW

	descriptors int64 // that are booked for its connection and its vector file
	rate        int64 // bit/s that are booked for it

	identified bool
	conn       channels.Conn
	drained    <-chan struct{} // streams: closed when their data have been read to the end
	flow       *flow.Flow      // nil before it is identified
	vector     *spool          // nil: no vector file is wanted

	// identifying: a datagram's IDENTIFY_FLOW is being looked at.
	identifying atomic.Bool
	// running is flow from START on: then anyone may ask it for its counters.
	running atomic.Pointer[flow.Flow]
}

// stream tells whether the flow's data come to an end that can be read to.
func (f *dataFlow) stream() bool { return f.drained != nil }
