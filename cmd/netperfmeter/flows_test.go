package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

func TestNumberFlows(t *testing.T) {
	tests := []struct{ line, want string }{
		{"h -t default", "0 Flow 0"},
		{"h -t default -u default:id=7 -t default:description=x", "0 Flow 0, 7 Flow 7, 8 x"},
		{"h -N 3 -t default -u default", "0 Flow 0, 1 Flow 1, 2 Flow 2, 3 Flow 3, 4 Flow 4, 5 Flow 5"},
		{"h -t default:id=4294967295", "4294967295 Flow 4294967295"},
		{"h -t default:id=5 -t default:id=0 -t default", "5 Flow 5, 0 Flow 0, 1 Flow 1"},
	}
	for _, test := range tests {
		line := parsed(t, test.line)
		flows, err := numberFlows(line.flows, line.count)
		var got []string
		for _, f := range flows {
			got = append(got, fmt.Sprint(f.spec.ID, " ", f.spec.Description))
		}
		if text := strings.Join(got, ", "); err != nil || text != test.want {
			t.Errorf("%s gives %s, %v", test.line, text, err)
		}
	}
}

func TestNumberFlowsErrors(t *testing.T) {
	tests := []struct{ line, want string }{
		{"h -t default:id=3 -u default:id=3", "flow -udp default:id=3: flow ID 3 is taken by -tcp default:id=3"},
		{"h -t default:id=1 -t default:id=0 -u default", "flow -udp default: flow ID 1 is taken by -tcp default:id=1"},
		{"h -N 2 -t default:id=1", "flow -tcp default:id=1: flow ID 1 is taken by an equal flow before it; with --count flows cannot have an explicit id"},
		{"h -t default:id=4294967295 -t default", "flow -tcp default: there is no flow ID after 4294967295"},
	}
	for _, test := range tests {
		line := parsed(t, test.line)
		if _, err := numberFlows(line.flows, line.count); err == nil || err.Error() != test.want || exitStatus(err) != exitUsage {
			t.Errorf("%s\ngives %v\nnot   %s", test.line, err, test.want)
		}
	}
}

// without is a kernel that has the others only.
func without(lacking ...wire.Protocol) availability {
	return func(p wire.Protocol) error {
		if slices.Contains(lacking, p) {
			return fmt.Errorf("%w: no %v", channels.ErrUnsupported, p)
		}
		return nil
	}
}

// noModules is a kernel that has none of the modules.
var noModules = without(wire.SCTP, wire.DCCP)

func everything(wire.Protocol) error { return nil }

func TestRefuseUnavailable(t *testing.T) {
	tests := []struct{ line, without, with string }{
		{"h -t default -s default", "flow -sctp default: not supported: no SCTP", ""},
		{"h -t default -d default", "flow -dccp default: not supported: no DCCP", ""},
		{"h -k default default", "flow -quic default: this program has no QUIC; it measures TCP, MPTCP, UDP, SCTP and DCCP", "as without"},
		{"9000 -K key", "option --tls-key: this program has no QUIC, which TLS would be for", "as without"},
		{"h -t default -H name", "option --tls-hostname: this program has no QUIC, which TLS would be for", "as without"},
		{"h -t default -x", "option --control-over-sctp (-x): not supported: no SCTP; --control-over-tcp (-y) works with every peer that accepts it", ""},
		{"h -t default -x -y", "", ""},
		{"9000 -x", "", ""},
		{"9000 -X", "", ""},
		{"9000 -Y", "no control transport is left: TCP is switched off, and not supported: no SCTP", ""},
		{"9000 -Y -X", "no control transport is left: TCP and SCTP are switched off", "as without"},
		{"9000 -Y -w", "", ""},
	}
	for _, test := range tests {
		if test.with == "as without" {
			test.with = test.without
		}
		for _, kernel := range []struct {
			available func(wire.Protocol) error
			want      string
		}{{noModules, test.without}, {everything, test.with}} {
			got := ""
			if err := refuseUnavailable(parsed(t, test.line), kernel.available); err != nil {
				got = err.Error()
				if exitStatus(err) != exitRefused {
					t.Errorf("%s: exit status %d", test.line, exitStatus(err))
				}
			}
			if got != kernel.want {
				t.Errorf("%s\ngives %s\nnot   %s", test.line, got, kernel.want)
			}
		}
	}
}

func TestEmbeddedFlows(t *testing.T) {
	tests := []struct {
		seconds float64
		mptcp   bool
		want    string
	}{
		{10, true, "MPTCP const0:const1400:const0:const0:description=MPTCP:onoff=0,5; TCP const0:const1400:const0:const0:description=TCP:onoff=5"},
		{0.5, true, "MPTCP const0:const1400:const0:const0:description=MPTCP:onoff=0,0.25; TCP const0:const1400:const0:const0:description=TCP:onoff=0.25"},
		{10, false, "TCP const0:const1400:const0:const0:description=TCP"},
	}
	for _, test := range tests {
		flows, err := embeddedFlows(test.seconds, test.mptcp)
		var got []string
		for _, f := range flows {
			got = append(got, f.spec.Protocol.String()+" "+f.option)
		}
		if text := strings.Join(got, "; "); err != nil || text != test.want {
			t.Errorf("%g s: %s, %v", test.seconds, text, err)
		}
	}
}
