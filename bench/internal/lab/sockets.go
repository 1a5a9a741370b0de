//go:build linux

package lab

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Ports hands out port ranges that no earlier run used, so that a run never meets
// what another one left behind. In a namespace of its own nothing else is there.
type Ports struct{ used atomic.Uint32 }

// Next returns the first of ten unused ports.
func (p *Ports) Next() uint16 {
	return uint16(10000 + p.used.Add(1)*10%20000)
}

// WaitListening waits until a socket of the transport ("tcp" or "udp") is bound to
// the port in this namespace. It does not touch the socket, as a connection would.
func WaitListening(ctx context.Context, transport string, port uint16, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	for {
		for _, file := range []string{"/proc/net/" + transport, "/proc/net/" + transport + "6"} {
			if bound(file, transport, port) {
				return nil
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("nothing listens on %s port %d after %v", transport, port, limit)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// bound looks for a listening TCP (state 0A) or unconnected UDP (07) socket.
func bound(file, transport string, port uint16) bool {
	text, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	state := "0A"
	if transport == "udp" {
		state = "07"
	}
	suffix := fmt.Sprintf(":%04X", port)
	for _, line := range strings.Split(string(text), "\n")[1:] {
		fields := strings.Fields(line)
		if len(fields) > 3 && fields[3] == state && strings.HasSuffix(fields[1], suffix) {
			return true
		}
	}
	return false
}

// Datagrams returns this namespace's count of UDP datagrams handed to receivers so far.
func Datagrams() (uint64, error) {
	const file = "/proc/net/snmp"
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var names []string // two lines start with "Udp:": the names, then the values
	for _, line := range strings.Split(string(text), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "Udp:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		if i := slices.Index(names, "InDatagrams"); i > 0 && i < len(fields) {
			return strconv.ParseUint(fields[i], 10, 64)
		}
	}
	return 0, fmt.Errorf("no count of received datagrams in %s", file)
}
