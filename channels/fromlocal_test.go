package channels

import (
	"net/netip"
	"strings"
	"testing"

	"netperfmeter/wire"
)

// TestLocalAddressOfNobody: the error names the address that cannot be bound to.
func TestLocalAddressOfNobody(t *testing.T) {
	remote := netip.MustParseAddrPort("127.0.0.1:9")
	for _, p := range []wire.Protocol{wire.TCP, wire.UDP, wire.MPTCP, wire.DCCP} {
		if Available(p) != nil {
			continue
		}
		_, err := Dial(t.Context(), p, remote, Options{Local: []netip.Addr{netip.MustParseAddr("192.0.2.77")}})
		if err == nil || !strings.Contains(err.Error(), "local address 192.0.2.77: bind: ") {
			t.Errorf("%s: %v", p, err)
		}
	}
}
