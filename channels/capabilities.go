package channels

import (
	"fmt"
	"strings"

	"netperfmeter/wire"
)

// Capabilities is what this program can do on this host, and why not where it
// cannot.
type Capabilities struct {
	Environment
	Transports []Capability `json:"transports"` // of data channels
	Control    []Capability `json:"control"`    // transports of control channels
	Offloads   []Capability `json:"offloads"`
	TimeStamps []Capability `json:"time_stamps"` // the kernel's, of what is received
	Limits     Limits       `json:"limits"`
}

// A Capability is something that works here, or the reason why not.
type Capability struct {
	Name      string `json:"name"`
	Available bool   `json:"available"`
	Reason    string `json:"reason,omitempty"` // why not
}

// Limits are what the system grants this process. 0: unknown, or none.
type Limits struct {
	Descriptors      uint64 `json:"descriptors"`
	Processors       int    `json:"processors"`        // that this process may use
	Memory           uint64 `json:"memory_bytes"`      // of the host
	SendBuffer       uint64 `json:"send_buffer_bytes"` // that a socket may ask for (net.core.wmem_max)
	ReceiveBuffer    uint64 `json:"receive_buffer_bytes"`
	TCPSendBuffer    uint64 `json:"tcp_send_buffer_bytes"` // that TCP's autotuning goes up to
	TCPReceiveBuffer uint64 `json:"tcp_receive_buffer_bytes"`
	Backlog          uint64 `json:"backlog"` // connections that wait to be accepted (net.core.somaxconn)
	FirstLocalPort   uint64 `json:"first_local_port"`
	LastLocalPort    uint64 `json:"last_local_port"`
	Datagram         int    `json:"datagram_bytes"` // the longest UDP message
}

// ReadCapabilities asks this host, in the network namespace of the caller. It
// opens a few sockets for a moment and sends nothing.
func ReadCapabilities() Capabilities {
	support := Probe()
	c := Capabilities{Environment: ReadEnvironment(), Limits: readLimits()}
	c.Limits.Datagram = MaxDatagram
	for _, f := range support.Transports {
		c.Transports = append(c.Transports, f.capability())
	}
	for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP, wire.SCTP} {
		c.Control = append(c.Control, Feature{p.String(), ControlAvailable(p)}.capability())
	}
	for _, f := range support.Offloads {
		if f.Name == timeStamps {
			f.Name = wire.UDP.String()
			c.TimeStamps = append(c.TimeStamps, f.capability())
			continue
		}
		c.Offloads = append(c.Offloads, f.capability())
	}
	const ofSegments = "the kernel's time stamps are those of segments, not of messages: the program's clock is used"
	for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP} {
		c.TimeStamps = append(c.TimeStamps, Capability{Name: p.String(), Reason: ofSegments})
	}
	return c
}

// ControlAvailable tells why control channels over p cannot work here; nil:
// they can.
func ControlAvailable(p wire.Protocol) error {
	if transports[p].dialControl == nil {
		return fmt.Errorf("%s: %w for control channels", p, ErrUnsupported)
	}
	return Available(p)
}

func (f Feature) capability() Capability {
	c := Capability{Name: f.Name, Available: f.Err == nil}
	if f.Err != nil {
		c.Reason = strings.TrimPrefix(f.Err.Error(), f.Name+": ")
		c.Reason = strings.TrimPrefix(c.Reason, ErrUnsupported.Error()+": ")
	}
	return c
}
