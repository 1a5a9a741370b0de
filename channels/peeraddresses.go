package channels

import (
	"net"
	"net/netip"
)

// PeerAddresses returns the addresses of a control channel's other end, IPv4
// never mapped into IPv6. Over SCTP there may be several.
func PeerAddresses(c net.Conn) []netip.Addr {
	if s, ok := c.(interface{ peerAddresses() []netip.Addr }); ok {
		if list := s.peerAddresses(); len(list) > 0 {
			return list
		}
	}
	return []netip.Addr{addrPort(c.RemoteAddr()).Addr()}
}
