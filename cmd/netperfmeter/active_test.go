package main

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"netperfmeter/active"
	"netperfmeter/control"
	"netperfmeter/wire"
)

func TestResultHead(t *testing.T) {
	tests := []struct {
		host string
		omit time.Duration
		want string
	}{
		{"server", 0, "server (192.0.2.1), 2 flows, measured for 12.0 s, seed 3\n"},
		{"192.0.2.1", 2 * time.Second, "192.0.2.1, 2 flows, measured for 10.0 s after 2.0 s of warm-up, seed 3\n"},
		{"", time.Minute, "192.0.2.1, 2 flows, measured for 0.0 s after 12.0 s of warm-up, seed 3\n"},
	}
	for _, test := range tests {
		p := &program{line: &commandLine{target: target{host: test.host}}, elapsed: 12 * time.Second}
		cfg := active.Config{Remote: netip.MustParseAddr("192.0.2.1"), Omit: test.omit}
		if got := p.resultHead(cfg, &active.Report{Flows: make([]active.FlowReport, 2), Seed: 3}); got != test.want {
			t.Errorf("got  %swant %s", got, test.want)
		}
	}
}

func TestActiveConfig(t *testing.T) {
	line := parsed(t, "h -L 10.0.0.1,10.0.0.2 -t default -m default -l 10.0.0.3,10.0.0.4 -T 5")
	p := &program{line: line, results: &results{}, available: noModules}
	cfg := p.activeConfig(line.flows, netip.MustParseAddr("192.0.2.1"), control.BasePorts(9000))
	if cfg.Control != wire.TCP || len(cfg.LocalControl) != 2 {
		t.Errorf("control over %v from %v", cfg.Control, cfg.LocalControl)
	}
	if len(cfg.Flows) != 2 || len(cfg.Flows[0].Local) != 2 || len(cfg.Flows[1].Local) != 0 {
		t.Errorf("flows %+v", cfg.Flows)
	}
	p.available = everything
	if cfg = p.activeConfig(line.flows, cfg.Remote, cfg.Ports); cfg.Control != wire.SCTP || !cfg.ControlFallback || len(cfg.LocalControl) != 2 {
		t.Errorf("with SCTP: control over %v (falling back: %v) from %v", cfg.Control, cfg.ControlFallback, cfg.LocalControl)
	}
	for _, insisted := range []wire.Protocol{wire.SCTP, wire.TCP} {
		line.control = insisted
		if cfg = p.activeConfig(line.flows, cfg.Remote, cfg.Ports); cfg.Control != insisted || cfg.ControlFallback {
			t.Errorf("insisted on %v: control over %v, falling back: %v", insisted, cfg.Control, cfg.ControlFallback)
		}
	}
	line.control = wire.MPTCP
	if cfg = p.activeConfig(line.flows, cfg.Remote, cfg.Ports); cfg.Control != wire.MPTCP || len(cfg.LocalControl) != 0 {
		t.Errorf("control over %v from %v", cfg.Control, cfg.LocalControl)
	}
}

func TestPassiveConfig(t *testing.T) {
	addr := func(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }
	tests := []struct {
		line            string
		control         wire.Protocol
		at              netip.AddrPort
		tcp, mptcp, udp netip.AddrPort
	}{
		{"9000", wire.TCP, addr("[::]:9001"), addr("[::]:9000"), addr("[::]:8999"), addr("[::]:9000")},
		{"9000 -L 10.0.0.1 -l ::1 -w", wire.MPTCP, addr("[::1]:9001"), addr("10.0.0.1:9000"), addr("10.0.0.1:8999"), addr("10.0.0.1:9000")},
		{"9000 -L 10.0.0.1,10.0.0.2 -l 10.0.0.1,10.0.0.2", wire.TCP, addr("10.0.0.1:9001"), addr("10.0.0.1:9000"), addr("[::]:8999"), addr("10.0.0.1:9000")},
	}
	for _, test := range tests {
		p := &program{line: parsed(t, test.line), available: noModules}
		cfg := p.passiveConfig(control.BasePorts(p.line.target.port))
		if len(cfg.Control) != 1 || cfg.Control[0].Protocol != test.control || cfg.Control[0].Addr != test.at {
			t.Errorf("%s: control %v", test.line, cfg.Control)
		}
		for i, want := range []netip.AddrPort{test.tcp, test.mptcp, test.udp} {
			if cfg.Data[i].Addr != want {
				t.Errorf("%s: data %v", test.line, cfg.Data)
			}
		}
		p.available = without(wire.MPTCP, wire.SCTP, wire.DCCP)
		four := withoutIPv6(p.passiveConfig(control.BasePorts(p.line.target.port)))
		if four.Control[0].Protocol != wire.TCP || !four.PlainMPTCP || four.Data[0].Addr.Addr() == netip.IPv6Unspecified() {
			t.Errorf("%s: without MPTCP, DCCP and IPv6 %v %v", test.line, four.Control, four.Data)
		}
	}
}

func TestPassiveSCTP(t *testing.T) {
	tests := []struct {
		line          string
		control, data string
	}{
		{"9000", "TCP [::]:9001 [], SCTP [::]:9001 []", "SCTP [::]:9000 []"},
		{"9000 -X", "TCP [::]:9001 []", "SCTP [::]:9000 []"},
		{"9000 -Y", "SCTP [::]:9001 []", "SCTP [::]:9000 []"},
		{"9000 -w -L 10.0.0.1,fd00::1 -l 10.0.0.2,10.0.0.3,10.0.0.4", "MPTCP [::]:9001 [], SCTP 10.0.0.2:9001 [10.0.0.3 10.0.0.4]", "SCTP 10.0.0.1:9000 [fd00::1]"},
	}
	for _, test := range tests {
		p := &program{line: parsed(t, test.line), available: everything}
		cfg := p.passiveConfig(control.BasePorts(9000))
		var list []string
		for _, l := range cfg.Control {
			list = append(list, fmt.Sprintf("%v %v %v", l.Protocol, l.Addr, l.More))
		}
		if got := strings.Join(list, ", "); got != test.control {
			t.Errorf("%s: control %s, expected %s", test.line, got, test.control)
		}
		l := cfg.Data[2] // after TCP and MPTCP
		if got := fmt.Sprintf("%v %v %v", l.Protocol, l.Addr, l.More); got != test.data {
			t.Errorf("%s: data %s, expected %s", test.line, got, test.data)
		}
	}
}
