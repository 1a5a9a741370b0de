package main

import (
	"fmt"
	"math"
	"slices"

	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// numberFlows repeats the list of flows count times and gives every flow its
// identifier: an explicit one, else the one after the flow before it.
func numberFlows(list []lineFlow, count int) ([]lineFlow, error) {
	flows := slices.Repeat(list, count)
	taken := make(map[wire.FlowID]string, len(flows))
	next := uint64(0)
	for i := range flows {
		flow := &flows[i]
		if flow.spec.IDSet {
			next = uint64(flow.spec.ID)
		}
		if next > math.MaxUint32 {
			return nil, usagef("flow %s: there is no flow ID after %d", flow.option, uint32(math.MaxUint32))
		}
		id := wire.FlowID(next)
		if other, ok := taken[id]; ok {
			return nil, usagef("flow %s: flow ID %d is taken by %s", flow.option, id, describeOther(other, flow.option))
		}
		taken[id] = flow.option
		flow.spec.ID, flow.spec.IDSet = id, true
		if flow.spec.Description == "" {
			flow.spec.Description = fmt.Sprintf("Flow %d", id)
		}
		next++
	}
	return flows, nil
}

// describeOther names the flow that has the ID already; the same words twice
// come from --count.
func describeOther(other, option string) string {
	if other == option {
		return "an equal flow before it; with --count flows cannot have an explicit id"
	}
	return other
}

// refuseUnavailable names what the command line asks for and this program or
// this kernel does not have, before anything starts.
func refuseUnavailable(line *commandLine, available availability) error {
	if err := refuseTransports(line.flows, available); err != nil {
		return err
	}
	if len(line.unavailable) > 0 {
		return unavailablef("option %s: this program has no QUIC, which TLS would be for", line.unavailable[0])
	}
	sctp := available(wire.SCTP)
	if line.control == wire.SCTP && !line.target.passive && sctp != nil {
		return unavailablef("option --control-over-sctp (-x): %v; --control-over-tcp (-y) works with every peer that accepts it", sctp)
	}
	if !line.target.passive || !line.refuses(wire.TCP) || line.accept[wire.MPTCP] {
		return nil
	}
	switch {
	case line.refuses(wire.SCTP):
		return unavailablef("no control transport is left: TCP and SCTP are switched off")
	case sctp != nil:
		return unavailablef("no control transport is left: TCP is switched off, and %v", sctp)
	}
	return nil
}

// refuses tells whether the passive side was told not to accept a transport.
func (line *commandLine) refuses(protocol wire.Protocol) bool {
	accept, said := line.accept[protocol]
	return said && !accept
}

// embeddedFlows are what --embedded measures when nothing else is asked for:
// MPTCP in the first half of the time, TCP in the second.
func embeddedFlows(seconds float64, mptcp bool) ([]lineFlow, error) {
	specs := []struct {
		protocol wire.Protocol
		text     string
	}{
		{wire.MPTCP, fmt.Sprintf("const0:const1400:const0:const0:description=MPTCP:onoff=0,%g", seconds/2)},
		{wire.TCP, fmt.Sprintf("const0:const1400:const0:const0:description=TCP:onoff=%g", seconds/2)},
	}
	if !mptcp {
		specs = specs[1:]
		specs[0].text = "const0:const1400:const0:const0:description=TCP"
	}
	var flows []lineFlow
	for _, s := range specs {
		spec, err := traffic.Parse(s.protocol, s.text, traffic.Defaults{})
		if err != nil {
			return nil, err
		}
		flows = append(flows, lineFlow{spec: spec, option: s.text})
	}
	return flows, nil
}
