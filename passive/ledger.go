package passive

import (
	"fmt"
	"math"
	"net/netip"
	"sync"
)

// resource is what clients share and a ledger counts.
type resource int

const (
	bookedMeasurements resource = iota
	bookedFlows
	bookedDescriptors
	bookedEvents // on/off times
	bookedRate   // bit/s
	bookedDisk   // bytes
	bookedBodies // bytes
	resources
)

// bounds are the limits of each resource, in all and of one client.
var bounds = [resources]struct {
	what        string
	all, client Limit
}{
	bookedMeasurements: {"one more measurement", MaxMeasurements, MaxClientMeasurements},
	bookedFlows:        {"one more flow", MaxFlows, MaxClientFlows},
	bookedDescriptors:  {"%d descriptors more", MaxDescriptors, MaxClientDescriptors},
	bookedEvents:       {"%d on/off times more", MaxEvents, MaxClientEvents},
	bookedRate:         {"%d bit/s more to send", MaxTotalRate, numLimits}, // no limit of one client
	bookedDisk:         {"%d bytes more of results", MaxResults, MaxClientResults},
	bookedBodies:       {"%d bytes more of an EXTENSION", MaxBodies, MaxClientBodies},
}

// client is who shares: an IPv4 address or an IPv6 network of 64 bits, which is
// what one subscriber has at least.
type client netip.Prefix

func clientOf(addr netip.Addr) client {
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // fails for an invalid address only
	return client(prefix)
}

// ledger counts what is taken, by everybody and by each client.
type ledger struct {
	limits *Limits

	mu      sync.Mutex // guards all below
	all     [resources]int64
	clients map[client]*[resources]int64
}

func newLedger(limits *Limits) *ledger {
	return &ledger{limits: limits, clients: make(map[client]*[resources]int64)}
}

// take books an amount, or none of it: then a *LimitError says what is in the
// way.
func (l *ledger) take(who client, what resource, amount int64) error {
	if amount == 0 {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.clients[who]
	if own == nil {
		own = new([resources]int64)
	}
	bound := bounds[what]
	asked := bound.what
	if what >= bookedDescriptors {
		asked = fmt.Sprintf(asked, amount)
	}
	switch {
	case bound.client < numLimits && amount > l.limits[bound.client]-own[what]:
		return l.limits.exceeded(bound.client, asked)
	case amount > l.limits[bound.all]-l.all[what]:
		return l.limits.exceeded(bound.all, asked)
	}
	l.all[what] += amount
	own[what] += amount
	l.clients[who] = own
	return nil
}

// give returns what was taken.
func (l *ledger) give(who client, what resource, amount int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.clients[who]
	if amount == 0 || own == nil {
		return
	}
	l.all[what] -= amount
	own[what] -= amount
	if *own == ([resources]int64{}) {
		delete(l.clients, who)
	}
}

// measures tells whether a client has a measurement.
func (l *ledger) measures(who client) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	own := l.clients[who]
	return own != nil && own[bookedMeasurements] > 0
}

// bookableRate is a rate as a ledger counts it: whole bit/s, and 0 where no
// limit asks for it, since a saturated flow has no rate that could be added up.
func (l *ledger) bookableRate(bitRate float64) (int64, error) {
	limit := l.limits[MaxTotalRate]
	switch {
	case limit == NoLimit:
		return 0, nil
	case bitRate > float64(limit):
		return 0, l.limits.exceeded(MaxTotalRate, describeRate(bitRate))
	}
	return int64(math.Ceil(bitRate)), nil
}

func describeRate(bitRate float64) string {
	if math.IsInf(bitRate, 1) {
		return "sending without a bound (a saturated flow, or sizes without a mean)"
	}
	return fmt.Sprintf("sending %.0f bit/s", bitRate)
}
