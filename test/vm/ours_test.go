//go:build linux

package vm

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

func testOursVersion(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: "ours -v"})
	r.Okay(t)
	if !strings.Contains(r.Output, "netperfmeter ") {
		t.Errorf("%q", r.Output)
	}
}

// testOursTests runs the tests of channels on another kernel than this machine's, but for those of SCTP and DCCP, which
// have cases of their own, and for repetitions: IPv6 and system calls that fail are the same there.
func testOursTests(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 8 * time.Minute, Script: `ip link add v0 type veth peer name v1
		ip link set v0 up
		ip link set v1 up
		await 10 sh -c 'ip -6 addr show dev v0 scope link | grep -v tentative | grep -q inet6'
		channels.test -test.v -test.skip 'SCTP|DCCP|UnderFaults|Contract/.*IPv6' >channels.log 2>&1`})
	log := string(r.Files["channels.log"])
	if r.Code != 0 || r.TimedOut || !strings.Contains(log, "--- PASS: TestUDPKeepsTheContract") {
		t.Fatalf("exit status %d after %v (killed at its limit: %v)\n%s", r.Code, r.Elapsed, r.TimedOut, failures(log))
	}
	// This kernel has no MPTCP_FULL_INFO.
	for _, line := range strings.Split(log, "\n") {
		if strings.HasPrefix(line, "--- SKIP: ") && !strings.HasPrefix(line, "--- SKIP: TestOlderKernels ") {
			t.Error(line)
		}
	}
}

// failures are the lines of a test's log without those of what began and passed.
func failures(log string) string {
	var lines []string
	for _, line := range strings.Split(log, "\n") {
		if trimmed := strings.TrimSpace(line); !strings.HasPrefix(trimmed, "=== ") && !strings.HasPrefix(trimmed, "--- PASS") {
			lines = append(lines, line)
		}
	}
	return excerpt(strings.Join(lines, "\n"))
}

// same holds the counts of both sides of a flow against each other, to the byte.
func same(t *testing.T, s *lab.Results, flow uint32) {
	t.Helper()
	for _, d := range []struct{ from, to *lab.Scalars }{{s.Active, s.Passive}, {s.Passive, s.Active}} {
		sent := d.from.Counts(t, lab.FlowObject(flow), "Transmitted")
		received := d.to.Counts(t, lab.FlowObject(flow), "Received")
		if sent != received || sent.Packets == 0 {
			t.Errorf("flow %d: the %s side sent %+v, the other received %+v", flow, d.from.Side, sent, received)
		}
	}
}

func testOursTCP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: `measure 1 40 ours ours -control-over-tcp -runtime=2 -config=run.config \
		-tcp const10:const1000:const5:const500 -udp const10:const300:const5:const100`})
	s := measured(t, r)
	for flow := range uint32(2) {
		plausible(t, s.Active, s.Passive, flow, 5)
		same(t, s, flow)
	}
}

// testOursMPTCP measures over two links, which both have to carry data.
func testOursMPTCP(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: `lab_two_hosts
		for host in client server; do
			on $host ip mptcp limits set subflow 2 add_addr_accepted 2
			for link in 1 2; do tc -n $host qdisc replace dev v$link root tbf rate 5mbit burst 32kb latency 20ms; done
		done
		on server ip mptcp endpoint add 10.81.2.2 dev v2 signal
		on server ours 9000 >passive.log 2>&1 &
		await 20 listening_on server tcp 8999
		on client timeout 40 ours 10.81.1.2:9000 -control-over-tcp -runtime=2 -scalar=run.sca -vector=run.vec \
			-mptcp const0:const10000:const0:const0 >active.log 2>&1
		on client cat /proc/net/dev | awk '$1 ~ /^v/ { print $1, $10 }'`})
	s := measured(t, r)
	sent, received := s.Active.Counts(t, "flow[0]", "Transmitted"), s.Passive.Counts(t, "flow[0]", "Received")
	if sent != received || sent.Packets == 0 {
		t.Errorf("sent %+v, received %+v", sent, received)
	}
	var bytes [2]uint64
	if _, err := fmt.Sscanf(r.Output, "v1: %d\nv2: %d", &bytes[0], &bytes[1]); err != nil {
		t.Fatalf("%v: %s", err, r.Output)
	}
	for link, n := range bytes {
		if n < sent.Bytes/10 {
			t.Errorf("link %d carried %d of %d bytes", link+1, n, sent.Bytes)
		}
	}
}

func testReferenceToOurs(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: `measure 1 40 ours reference -control-over-tcp -runtime=2 -config=run.config \
		-tcp const10:const1000:const5:const500 -udp const10:const300:const5:const100`})
	s := measured(t, r)
	for flow := range uint32(2) {
		plausible(t, s.Active, s.Passive, flow, 5)
		plausible(t, s.Passive, s.Active, flow, 3)
	}
}

func testOursToReference(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `measure 1 20 reference ours -control-over-tcp -peer-version=1.9 -runtime=2 -config=run.config \
		-tcp const10:const1000:const5:const500 -udp const10:const300:const5:const100`})
	s := measured(t, r)
	for flow := range uint32(2) {
		plausible(t, s.Active, s.Passive, flow, 5)
		plausible(t, s.Passive, s.Active, flow, 3)
	}
}
