package main

import (
	"strings"
	"testing"

	"netperfmeter/active"
	"netperfmeter/channels"
	"netperfmeter/wire"
)

func TestTransportNotes(t *testing.T) {
	flow := func(id wire.FlowID, protocol wire.Protocol, verdict string) active.FlowReport {
		f := active.FlowReport{ID: id, Protocol: protocol}
		f.Transport.Verdict = verdict
		return f
	}
	var alike, mixed []active.FlowReport
	for i := range wire.FlowID(1000) {
		alike = append(alike, flow(i, wire.TCP, "TCP, bbr"))
		mixed = append(mixed, flow(i, wire.TCP, []string{"TCP, bbr", "TCP, reno"}[i%2]))
	}
	host := func(kernel string) *channels.Environment {
		return &channels.Environment{System: "linux", Kernel: kernel, CongestionControl: "cubic", CongestionControls: []string{"reno", "cubic"},
			MPTCP: &channels.MPTCPEnvironment{Enabled: true, Subflows: 2, Scheduler: "default", PathManager: "kernel"}}
	}
	const sixOne = "linux 6.1, default congestion control cubic (of reno, cubic)"
	tests := map[string]struct {
		report active.Report
		want   []string
	}{
		"nothing known":   {active.Report{Flows: []active.FlowReport{flow(0, wire.UDP, "")}, ActiveHost: host("6.1")}, nil},
		"a thousand":      {active.Report{Flows: alike}, []string{"Flows 0-999 ran over: TCP, bbr"}},
		"of two kinds":    {active.Report{Flows: mixed}, []string{"Flows 0, 2, 4, 6, 8, ... 490 more ..., 990, 992, 994, 996, 998 ran over: TCP, bbr", "Flows 1, 3, 5, 7, 9, ... 490 more ..., 991, 993, 995, 997, 999 ran over: TCP, reno"}},
		"a few":           {active.Report{Flows: []active.FlowReport{flow(9, wire.TCP, "a"), flow(2, wire.TCP, "b"), flow(8, wire.TCP, "a")}}, []string{"Flows 8, 9 ran over: a", "Flow 2 ran over: b"}},
		"hosts alike":     {active.Report{Flows: alike[:1], ActiveHost: host("6.1"), PassiveHost: host("6.1")}, []string{"Flow 0 ran over: TCP, bbr", "Here and There: " + sixOne}},
		"hosts not alike": {active.Report{Flows: alike[:1], ActiveHost: host("6.1"), PassiveHost: host("6.2")}, []string{"Flow 0 ran over: TCP, bbr", "Here: " + sixOne, "There: " + strings.Replace(sixOne, "6.1", "6.2", 1)}},
		"with MPTCP": {active.Report{Flows: []active.FlowReport{flow(0, wire.MPTCP, "MPTCP, 1 subflow")}, ActiveHost: host("6.1"), Foreign: true}, []string{
			"Flow 0 ran over: MPTCP, 1 subflow",
			"The passive side is another program: this is what the kernel of this side says.",
			"Here: " + sixOne + "; MPTCP: up to 2 further subflows, 0 announced addresses accepted, scheduler default, path manager kernel"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := strings.Join(transportNotes(&tt.report, "Here", "There"), "\n")
			if want := strings.Join(tt.want, "\n"); got != want {
				t.Errorf("got\n%s\nnot\n%s", got, want)
			}
		})
	}
}
