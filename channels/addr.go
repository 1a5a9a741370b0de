package channels

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
)

// unmap turns IPv4 that is mapped into IPv6 back into IPv4.
func unmap(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// addrPort returns a TCP or UDP address of package net, unmapped.
func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.TCPAddr:
		return unmap(a.AddrPort())
	case *net.UDPAddr:
		return unmap(a.AddrPort())
	}
	return netip.AddrPort{}
}

// withZone adds a zone to a link-local address that has none. Linux does not tell
// the interface of an MPTCP socket: its first subflow has it, not the socket.
func withZone(a netip.AddrPort, zone string) netip.AddrPort {
	if zone == "" || a.Addr().Zone() != "" || !a.Addr().Is6() || !a.Addr().IsLinkLocalUnicast() {
		return a
	}
	return netip.AddrPortFrom(a.Addr().WithZone(zone), a.Port())
}

// localFor returns the first address to bind to that can reach remote, or none
// if the choice is the system's.
func localFor(remote netip.Addr, local []netip.Addr) (netip.Addr, error) {
	for _, a := range local {
		if a = a.Unmap(); a.Is4() == remote.Is4() {
			return a, nil
		}
	}
	if len(local) > 0 {
		return netip.Addr{}, fmt.Errorf("no local address of %v is of the same IP version", local)
	}
	return netip.Addr{}, nil
}

// listenNetwork returns Go's name of the network to listen on. Go would turn an
// IPv4 wildcard into a dual-stack socket unless the IP version is said.
func listenNetwork(base string, local netip.Addr, v6only bool) string {
	switch {
	case local.Is4() || local.Is4In6():
		return base + "4"
	case local.IsUnspecified() && !v6only:
		return base
	}
	return base + "6"
}

// dialNetwork returns Go's name of the network to reach remote.
func dialNetwork(base string, remote netip.Addr) string {
	if remote.Is4() {
		return base + "4"
	}
	return base + "6"
}

// zoneIndex returns the interface that a zone names; "" is 0, any.
func zoneIndex(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if i, err := net.InterfaceByName(zone); err == nil {
		return uint32(i.Index), nil
	}
	n, err := strconv.ParseUint(zone, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("unknown interface %q", zone)
	}
	return uint32(n), nil
}

// zoneName is zoneIndex backwards, and agrees with package net.
func zoneName(index uint32) string {
	if i, err := net.InterfaceByIndex(int(index)); err == nil {
		return i.Name
	}
	return strconv.FormatUint(uint64(index), 10)
}
