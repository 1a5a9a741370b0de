// Package control holds the conversation on the control channel for both
// roles: framing, the requests of the active side and their answers, the
// table of what the passive side answers when, and the translation between a
// flow's specification and its ADD_FLOW message.
//
// It starts no goroutines. A Conn belongs to one reading goroutine; writing
// is serialised by the Conn itself. The package does not know who runs the
// conversation, nor what a flow does with its data.
package control

import (
	"errors"
	"fmt"

	"netperfmeter/wire"
)

// PeerVersion is the version of the program that the user says is at the
// other end; the protocol itself does not tell.
type PeerVersion int

// The versions whose behaviour differs on the wire.
const (
	Version20 PeerVersion = iota // 2.0.3 and later, and programs of ours
	Version19                    // 1.9.x: longer events, another uniform distribution
)

func (v PeerVersion) String() string {
	if v == Version19 {
		return "1.9"
	}
	return "2.0"
}

// ErrRefused says that the peer answered a request with Status 1.
var ErrRefused = errors.New("the passive side refused")

// ErrProtocol says that the peer broke the protocol.
var ErrProtocol = errors.New("protocol violation")

// ErrIncomplete says that a result file ended before its time: the peer could
// not keep all of it.
var ErrIncomplete = errors.New("the passive side could not keep all of it")

// ErrNoAnswer says that the peer did not answer in time.
var ErrNoAnswer = errors.New("no answer in time")

// Ports are the ports of one passive instance. They follow from its base
// port, but listeners can also be placed one by one.
type Ports struct {
	Control uint16
	TCP     uint16
	MPTCP   uint16
	UDP     uint16
	SCTP    uint16
	DCCP    uint16
	QUIC    uint16
}

// BasePorts gives the ports that belong to a base port. Base must be at least
// 2 (MPTCP and QUIC sit one below it) and at most 65534.
func BasePorts(base uint16) Ports {
	return Ports{
		Control: base + 1,
		TCP:     base, UDP: base, SCTP: base, DCCP: base,
		MPTCP: base - 1, QUIC: base - 1,
	}
}

// Data returns the port of a transport's data channels, 0 for none.
func (p Ports) Data(protocol wire.Protocol) uint16 {
	switch protocol {
	case wire.TCP:
		return p.TCP
	case wire.MPTCP:
		return p.MPTCP
	case wire.UDP:
		return p.UDP
	case wire.SCTP:
		return p.SCTP
	case wire.DCCP:
		return p.DCCP
	case wire.QUIC:
		return p.QUIC
	}
	return 0
}

// Set changes the port of a transport's data channels.
func (p *Ports) Set(protocol wire.Protocol, port uint16) {
	switch protocol {
	case wire.TCP:
		p.TCP = port
	case wire.MPTCP:
		p.MPTCP = port
	case wire.UDP:
		p.UDP = port
	case wire.SCTP:
		p.SCTP = port
	case wire.DCCP:
		p.DCCP = port
	case wire.QUIC:
		p.QUIC = port
	}
}

func protocolError(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrProtocol, fmt.Sprintf(format, args...))
}
