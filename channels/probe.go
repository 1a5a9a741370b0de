package channels

import (
	"fmt"

	"netperfmeter/wire"
)

// A Feature is a transport or an offload, and whether it works here.
type Feature struct {
	Name string
	Err  error // why not; nil: it works
}

// Support is what works here.
type Support struct {
	Transports []Feature // in the order of wire's numbers, named as wire does
	Offloads   []Feature
}

// timeStamps is the offload by which the kernel says when a datagram came.
const timeStamps = "time stamps"

// Probe finds out which transports and offloads this program and this kernel
// have. It opens a few sockets for a moment and sends nothing.
func Probe() Support {
	var s Support
	for _, p := range []wire.Protocol{wire.TCP, wire.UDP, wire.DCCP, wire.SCTP, wire.QUIC, wire.MPTCP} {
		s.Transports = append(s.Transports, Feature{p.String(), Available(p)})
	}
	s.Offloads = probeOffloads()
	return s
}

// Available tells why data channels over p cannot work here; nil: they can.
func Available(p wire.Protocol) error {
	t := transports[p]
	if t.dial == nil {
		return fmt.Errorf("%s: %w: this program has none", p, ErrUnsupported)
	}
	if t.probe == nil {
		return nil
	}
	return t.probe()
}
