package passive

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"

	"netperfmeter/channels"
	"netperfmeter/control"
)

// errAddressProven ends a connection that was made to prove an address.
var errAddressProven = errors.New("the address is proven")

// maxAddresses is how many addresses a measurement can prove.
const maxAddresses = 16

// proveAddress takes the handshake of a TCP connection that names a UDP flow
// as the proof that the client is at that address, and may be sent UDP there.
// It always returns an error: the connection has no other use.
func (c *session) proveAddress(f *dataFlow, address netip.Addr) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case !c.ours:
		return errUnknownFlow // others have no such thing
	case c.server.cfg.Key != nil && !c.server.cfg.AllowThirdParty:
		return errThirdParty
	case c.state != control.Adding || !slices.Contains(c.flows, f):
		return because(OutOfOrder, fmt.Errorf("an address is proven while %v", c.state))
	case !c.addresses.add(address):
		return because(ThirdParty, fmt.Errorf("a measurement with more than %d addresses", maxAddresses))
	}
	return errAddressProven
}

// connectedFrom tells whether an address is one of the control connection's
// other end, as far as that is certain now: of an SCTP client's addresses some
// may be confirmed later than others.
func (c *session) connectedFrom(address netip.Addr) bool {
	return slices.ContainsFunc(channels.PeerAddresses(c.channel), func(a netip.Addr) bool { return sameHost(a, address) })
}

// reaches tells whether the client has shown that it is at an address: by its
// control connection, or by proveAddress.
func (c *session) reaches(address netip.Addr) bool {
	return c.connectedFrom(address) || c.addresses.has(address)
}

// addressBook is where a client is beside its control connection. It has a lock
// of its own: the session's is held while answers are written, which a client
// can hold up, and the goroutine that asks here has everybody's datagrams.
type addressBook struct {
	mu   sync.Mutex
	list []netip.Addr
}

// add enters an address; false: there are too many.
func (b *addressBook) add(address netip.Addr) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.list) == maxAddresses {
		return false
	}
	b.list = append(b.list, address)
	return true
}

func (b *addressBook) has(address netip.Addr) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.list, func(a netip.Addr) bool { return sameHost(a, address) })
}
