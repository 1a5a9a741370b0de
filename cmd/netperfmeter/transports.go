package main

import (
	"context"
	"log/slog"

	"netperfmeter/wire"
)

// dataTransports are what the passive side serves where the kernel has it.
// UDP comes last: whoever finds its socket finds the others as well.
var dataTransports = []wire.Protocol{wire.TCP, wire.MPTCP, wire.SCTP, wire.DCCP, wire.UDP}

// availability tells why a transport cannot work here, nil if it can; it is
// channels.Available but in tests.
type availability func(wire.Protocol) error

// served leaves out of dataTransports what this kernel does not have. Flows of
// MPTCP fall back to TCP.
func (a availability) served() []wire.Protocol {
	var list []wire.Protocol
	for _, p := range dataTransports {
		if p == wire.MPTCP || a(p) == nil {
			list = append(list, p)
		}
	}
	return list
}

// sayUnserved tells once which transports the passive side does without, and
// why. DCCP is rarely missed, and newer kernels have none.
func (p *program) sayUnserved(transports ...wire.Protocol) {
	for _, protocol := range transports {
		err := p.available(protocol)
		if err == nil {
			continue
		}
		level, what := slog.LevelWarn, "going on without "+protocol.String()
		switch protocol {
		case wire.MPTCP:
			what += ": its flows fall back to TCP, and active sides are told"
		case wire.SCTP:
			what += ": control over TCP only, and no SCTP flows"
		case wire.DCCP:
			level = slog.LevelInfo
		}
		p.log.Log(context.Background(), level, what, "reason", err)
	}
}

// refuseTransports names the first flow whose transport this kernel does not
// have, and says why.
func refuseTransports(flows []lineFlow, available availability) error {
	for _, flow := range flows {
		if flow.spec.Protocol == wire.QUIC {
			return unavailablef("flow %s: this program has no QUIC; it measures TCP, MPTCP, UDP, SCTP and DCCP", flow.option)
		}
		if err := available(flow.spec.Protocol); err != nil {
			return unavailablef("flow %s: %v", flow.option, err)
		}
	}
	return nil
}
