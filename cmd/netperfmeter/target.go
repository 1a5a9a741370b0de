package main

import (
	"net/netip"
	"strconv"
	"strings"
)

// defaultPort is the base port when HOST comes without one.
const defaultPort = 9000

// The base ports that leave room for the ports beside them: MPTCP and QUIC
// sit one below, the control channel one above.
const (
	leastBasePort = 2
	mostBasePort  = 65534
)

// target is the one word that is no option.
type target struct {
	text    string
	passive bool   // it is a PORT
	host    string // without brackets
	port    uint16
	portSet bool
}

// parseTarget tells PORT from HOST[:PORT]. Only digits throughout make a
// port: 10.1.1.1 is a host.
func parseTarget(word string) (target, error) {
	t := target{text: word, port: defaultPort}
	if word != "" && strings.Trim(word, "0123456789") == "" {
		t.passive = true
		err := t.setPort(word)
		return t, err
	}
	host, port, hasPort := word, "", false
	switch {
	case strings.HasPrefix(word, "["):
		inside, after, closed := strings.Cut(word[1:], "]")
		port, hasPort = strings.CutPrefix(after, ":")
		if address, err := netip.ParseAddr(inside); !closed || err != nil || !address.Is6() || !hasPort && after != "" {
			return target{}, usagef("%q is no host: brackets enclose an IPv6 address, for instance [fe80::1%%eth0]:9000", word)
		}
		host = inside
	case strings.Count(word, ":") == 1:
		host, port, hasPort = strings.Cut(word, ":")
	case strings.Contains(word, ":"):
		if _, err := netip.ParseAddr(word); err != nil {
			return target{}, usagef("%q is no IPv6 address; with a port it is written [ADDRESS]:PORT", word)
		}
	}
	if host == "" {
		return target{}, usagef("the host is missing in %q", word)
	}
	t.host = host
	if !hasPort {
		return t, nil
	}
	err := t.setPort(port)
	return t, err
}

func (t *target) setPort(text string) error {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port < leastBasePort || port > mostBasePort {
		return usagef("%q is no base port: expected is a number, %d to %d", text, leastBasePort, mostBasePort)
	}
	t.port, t.portSet = uint16(port), true
	return nil
}
