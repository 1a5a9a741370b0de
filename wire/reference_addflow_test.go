package wire_test

import "netperfmeter/wire"

const (
	measurement2010 = 0x86c5b8daa6f15cc1
	measurement194  = 0x02c2f592a7c96387
	defaultBuffer   = 233016
)

func constant(v float64) wire.Distribution {
	return wire.Distribution{Values: [4]float64{v}}
}

func distribution(kind wire.DistributionKind, a, b float64) wire.Distribution {
	return wire.Distribution{Kind: kind, Values: [4]float64{a, b}}
}

func relative(times ...float64) []wire.Event {
	var events []wire.Event
	for _, t := range times {
		events = append(events, wire.Event{Time: constant(t), Relative: true})
	}
	return events
}

// flow2010 is what every flow of 2.0.10's capture has in common.
func flow2010(id wire.FlowID, p wire.Protocol, description string) wire.AddFlow {
	return wire.AddFlow{
		Key:      wire.Key{Measurement: measurement2010, Flow: id},
		Protocol: p, Description: description,
		Ordered: 1, Reliable: 1, RetransmissionTrials: wire.DefaultTrials,
		RcvBuffer: defaultBuffer, SndBuffer: defaultBuffer, MaxMsgSize: 16000,
		CongestionControl: "default",
	}
}

// flow194 is what every flow of 1.9.4's capture has in common.
func flow194(id wire.FlowID, stream wire.StreamID, p wire.Protocol, description string) wire.AddFlow {
	m := flow2010(id, p, description)
	m.Measurement = measurement194
	m.Stream = stream
	m.NDiffPorts, m.PathMgr, m.Scheduler = 4, "fullmesh", "default"
	return m
}

// addFlows returns the flows of both captures as their command lines made
// them, each capture's in its order.
func addFlows() []wire.AddFlow {
	alpha := flow2010(0, wire.TCP, "Alpha")
	alpha.FrameRate, alpha.FrameSize = constant(5), constant(500)
	alpha.NoDelay, alpha.CongestionControl = true, "cubic"
	alpha.Repeat, alpha.Events, alpha.EventSize = true, relative(1, 1, 0.5, 0.5), wire.EventSize

	beta := flow2010(7, wire.TCP, "Beta")
	beta.MaxMsgSize = 4000

	gamma := flow2010(8, wire.UDP, "Gamma")
	gamma.FrameRate, gamma.FrameSize = distribution(wire.Uniform, 5, 15), constant(200)

	delta := flow2010(9, wire.MPTCP, "Delta")
	delta.SndBuffer, delta.RcvBuffer, delta.CMT = 100000, 120000, 4

	eps := flow2010(10, wire.UDP, "Eps")
	eps.FrameRate, eps.FrameSize = distribution(wire.Pareto, 5, 2), distribution(wire.Normal, 400, 50)

	last := flow2010(11, wire.TCP, "Flow 11")
	last.RetransmissionTrials = 3
	last.Ordered = float64(0xbfffffff) / 0xffffffff  // 0.75, as it travels
	last.Reliable = float64(0x80000000) / 0xffffffff // 0.5
	last.EventSize = wire.EventSize
	last.Events = []wire.Event{{Time: constant(0.5)}, {Time: constant(2)}, {Time: constant(3)}}

	return append([]wire.AddFlow{alpha, beta, gamma, delta, eps, last}, addFlows194()...)
}

func addFlows194() []wire.AddFlow {
	alpha := flow194(0, 0, wire.SCTP, "Alpha")
	alpha.FrameRate, alpha.FrameSize = constant(5), constant(500)
	alpha.Ordered = float64(0x80000000) / 0xffffffff

	beta := flow194(1, 1, wire.SCTP, "Beta")
	beta.MaxMsgSize = 4000
	beta.Reliable, beta.RetransmissionTrials = float64(0x80000000)/0xffffffff, 2

	third := flow194(2, 2, wire.SCTP, "Flow 2")
	third.Reliable, third.RetransmissionTrials = 0, wire.TrialsInMilliseconds|100

	dccp := flow194(5, 0, wire.DCCP, "DCCP")
	dccp.FrameRate, dccp.FrameSize = constant(5), constant(100)

	return []wire.AddFlow{
		alpha, beta, third,
		flow194(3, 0, wire.TCP, "TCP"), flow194(4, 0, wire.UDP, "UDP"), dccp,
	}
}
