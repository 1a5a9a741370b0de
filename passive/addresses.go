package passive

import (
	"errors"
	"net/netip"
)

var errAddress = because(NotAdmitted, errors.New("clients of this address are not admitted (--allow, --deny)"))

// admits tells whether clients may be at an address: in none of the denied
// networks, and in one of the allowed ones if there are any.
func (cfg *Config) admits(addr netip.Addr) bool {
	addr = addr.Unmap().WithZone("")
	if contains(cfg.Deny, addr) {
		return false
	}
	return len(cfg.Allow) == 0 || contains(cfg.Allow, addr)
}

func contains(networks []netip.Prefix, addr netip.Addr) bool {
	for _, network := range networks {
		if network.Contains(addr) {
			return true
		}
	}
	return false
}
