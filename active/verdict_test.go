package active

import (
	"testing"

	"netperfmeter/channels"
)

// The ends of a connection, as their kernels see them.
func using(shares ...float64) *channels.State {
	s := &channels.State{Time: 1, Protocol: "MPTCP", MPTCP: &channels.MPTCPState{InUse: true}}
	for _, share := range shares {
		s.Paths = append(s.Paths, channels.Path{Local: "10.0.0.1:5", Remote: "10.0.0.2:8999", Share: share})
	}
	return s
}

// dead has lost its only subflow after three seconds.
func dead() *channels.State {
	s := using(1)
	s.Paths[0].Until = 3_000_000
	return s
}

func fallen(m channels.MPTCPState, local, remote string) *channels.State {
	return &channels.State{Time: 1, Protocol: "TCP", MPTCP: &m, Paths: []channels.Path{{Local: local, Remote: remote}}}
}

// TestVerdict: every sentence. What the kernels really say in each of these
// cases is shown by test/truth.
func TestVerdict(t *testing.T) {
	const second = 1_000_000
	atSetUp := func(connect int64) *channels.State {
		return fallen(channels.MPTCPState{Setup: true, ConnectTime: connect, FallbackAt: 1}, "10.0.0.1:5", "10.0.0.2:8999")
	}
	plain := func(m channels.MPTCPState) *channels.State {
		m.Plain, m.Setup = true, true
		return fallen(m, "10.0.0.2:8999", "10.0.0.1:5")
	}
	later := fallen(channels.MPTCPState{FallbackAt: 102 * second}, "10.0.0.1:5", "10.0.0.2:8999")
	host := func(timeout int) *channels.Environment {
		return &channels.Environment{MPTCP: &channels.MPTCPEnvironment{Enabled: true, BlackholeTimeout: timeout}}
	}
	has := host(0)
	counted := func(names ...string) map[string]uint64 {
		m := map[string]uint64{}
		for _, name := range names {
			m[name]++
		}
		return m
	}
	for _, test := range []struct {
		name string
		e    evidence
		want string
	}{
		{"TCP", evidence{own: &channels.State{Time: 1, Protocol: "TCP"}}, "TCP"},
		{"both have it", evidence{own: using(0.61, 0.39), peer: using(0.6, 0.4)}, "MPTCP, 2 subflows, 61 % / 39 %"},
		{"joins are stripped", evidence{own: using(1), peer: using(1), since: counted("MPJoinSynTx", "MPJoinSynTx"), theirs: counted()},
			"MPTCP, 1 subflow; of 2 joins from this host 0 were answered with MPTCP, and 0 reached the passive side"},
		{"the same with a reference", evidence{own: using(1), foreign: true, since: counted("MPJoinSynTx")},
			"MPTCP, 1 subflow; of 1 joins from this host 0 were answered with MPTCP"},
		{"a reference", evidence{own: atSetUp(100), foreign: true},
			"fell back to TCP at set-up: the answer carried no MPTCP option; the passive side is another program, so that its host cannot be told from a box on the path"},
		{"stripped", evidence{own: atSetUp(100), peer: plain(channels.MPTCPState{}), peerHost: has, theirs: counted()},
			"fell back to TCP at set-up: the answer carried no MPTCP option; no SYN with it reached the passive side, which has MPTCP: a box on the path removes it"},
		{"stripped from answers", evidence{own: atSetUp(100), peer: plain(channels.MPTCPState{Asked: true}), peerHost: has},
			"fell back to TCP at set-up: the answer carried no MPTCP option; a SYN with it reached the passive side, which has MPTCP: a box on the path removes it from the answers"},
		{"a proxy", evidence{own: atSetUp(100), peer: fallen(channels.MPTCPState{Setup: true, Plain: true}, "10.0.0.2:8999", "10.0.0.9:7"), peerHost: has},
			"fell back to TCP at set-up: the answer carried no MPTCP option; the passive side, which has MPTCP, was connected without it by 10.0.0.9:7: a proxy or an address translator is on the path"},
		{"switched off there", evidence{own: atSetUp(100), peer: plain(channels.MPTCPState{TCPSocket: true}), peerHost: has},
			"fell back to TCP at set-up: the answer carried no MPTCP option; the passive side has MPTCP switched off (net.mptcp.enabled)"},
		{"not there", evidence{own: atSetUp(100), peer: plain(channels.MPTCPState{TCPSocket: true}), peerHost: &channels.Environment{}},
			"fell back to TCP at set-up: the answer carried no MPTCP option; the passive side's kernel has no MPTCP"},
		{"the other end does not know", evidence{own: atSetUp(100), peer: using(1), peerHost: has},
			"fell back to TCP at set-up: the answer carried no MPTCP option; the passive side has MPTCP in use: the two ends do not agree"},
		{"an end that says nothing", evidence{own: atSetUp(100)},
			"fell back to TCP at set-up: the answer carried no MPTCP option; the passive side does not say what it has seen"},
		{"dropped", evidence{own: atSetUp(3*second + 80000), setUp: counted("MPCapableSYNTXDrop"), host: host(3600)},
			"connected after 3 s without MPTCP: SYNs with the option are being dropped; this host will not try again for an hour (net.mptcp.blackhole_timeout)"},
		{"dropped, other timeout", evidence{own: atSetUp(3 * second), setUp: counted("MPCapableSYNTXDrop"), host: host(60)},
			"connected after 3 s without MPTCP: SYNs with the option are being dropped; this host will not try again for 60 s (net.mptcp.blackhole_timeout)"},
		{"dropped, no timeout", evidence{own: atSetUp(3 * second), setUp: counted("MPCapableSYNTXDrop"), host: host(0)},
			"connected after 3 s without MPTCP: SYNs with the option are being dropped; this host will try again with the next connection (net.mptcp.blackhole_timeout is 0)"},
		{"another connection's were dropped", evidence{own: atSetUp(200), setUp: counted("MPCapableSYNTXDrop", "MPCapableFallbackSYNACK"), foreign: true},
			"fell back to TCP at set-up: the answer carried no MPTCP option; the passive side is another program, so that its host cannot be told from a box on the path"},
		{"after that", evidence{own: atSetUp(200), setUp: counted("MPCapableSYNTXDisabled"), host: host(3600)},
			"fell back to TCP at set-up: this host did not ask for it, since SYNs with the option were dropped before (net.mptcp.blackhole_timeout)"},
		{"in mid-run", evidence{own: later, peer: later, start: 100 * second, since: counted("DssFallback")},
			"fell back to TCP after 2.0 s: data came without the MPTCP option, which a box on the path removes"},
		{"in mid-run, changed", evidence{own: later, start: 100 * second, theirs: counted("DSSCorruptionFallback")},
			"fell back to TCP after 2.0 s: data came changed, a box on the path rewrites it"},
		{"in mid-run, unknown why", evidence{own: later, start: 100 * second}, "fell back to TCP after 2.0 s"},
		{"reset here", evidence{own: dead(), start: second, theirs: counted("MPRstTx")},
			"MPTCP, 1 subflow; 10.0.0.1:5 to 10.0.0.2:8999 ended after 2.0 s; no subflow was left at the end: " +
				"subflows were reset, as they are when data come without the MPTCP option"},
		{"reset there", evidence{own: using(0.5, 0.5), peer: dead(), theirs: counted("MPRstTx")},
			"MPTCP, 2 subflows, 50 % / 50 %; the passive side had no subflow left at the end: " +
				"subflows were reset, as they are when data come without the MPTCP option"},
		{"lost there", evidence{own: using(1), peer: dead()}, "MPTCP, 1 subflow; the passive side had no subflow left at the end"},
		{"one end only", evidence{own: using(1), peer: later, theirs: counted("DssFallback")},
			"MPTCP, 1 subflow; the passive side fell back to TCP: data came without the MPTCP option, which a box on the path removes"},
	} {
		if got := test.e.verdict(); got != test.want {
			t.Errorf("%s:\ngot  %q\nwant %q", test.name, got, test.want)
		}
	}
}
