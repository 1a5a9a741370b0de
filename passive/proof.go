package passive

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

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
	case c.state != control.Adding || !c.has(f):
		return because(OutOfOrder, fmt.Errorf("an address is proven while %v", c.state))
	case len(c.addresses) == maxAddresses:
		return because(ThirdParty, fmt.Errorf("a measurement with more than %d addresses", maxAddresses))
	}
	c.addresses = append(c.addresses, address)
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
	if c.connectedFrom(address) {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, proven := range c.addresses {
		if sameHost(address, proven) {
			return true
		}
	}
	return false
}
