package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// lookupFunc is net.Resolver's LookupNetIP.
type lookupFunc func(ctx context.Context, network, host string) ([]netip.Addr, error)

// resolve gives the addresses of a host, in the order in which they are to be
// tried. An address stands for itself.
func resolve(ctx context.Context, lookup lookupFunc, host string, v6only bool) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap()
		if v6only && address.Is4() {
			return nil, unreachablef("host %s is an IPv4 address, but --v6only wants IPv6", host)
		}
		return []netip.Addr{address}, nil
	}
	network := "ip"
	if v6only {
		network = "ip6"
	}
	found, err := lookup(ctx, network, host)
	if err != nil {
		return nil, unreachablef("host %s: %s", host, lookupReason(err))
	}
	var addresses []netip.Addr
	for _, address := range found {
		if address = address.Unmap(); !v6only || address.Is6() {
			addresses = append(addresses, address)
		}
	}
	if len(addresses) == 0 {
		return nil, unreachablef("host %s has no address that can be used here", host)
	}
	return addresses, nil
}

// lookupReason says what went wrong without Go's prefix, which repeats the
// name and tells the name server's address.
func lookupReason(err error) string {
	var dns *net.DNSError
	switch {
	case !errors.As(err, &dns):
		return err.Error()
	case dns.IsNotFound:
		return "there is no such host"
	case dns.IsTimeout:
		return "the name server does not answer"
	}
	return fmt.Sprintf("the name cannot be resolved (%s)", dns.Err)
}
