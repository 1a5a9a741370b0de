package channels

import "testing"

func TestDescribe(t *testing.T) {
	const second = 1_000_000
	const start, late = 100 * second, 101*second + second/2
	tcp := func(share float64, since, until int64) Path {
		return Path{Local: "a:1", Remote: "b:2", Share: share, Since: since * second, Until: until * second, TCP: &TCPInfo{CongestionControl: "cubic"}}
	}
	using := &MPTCPState{InUse: true}
	for _, test := range []struct {
		state State
		want  string
	}{
		{State{}, ""},
		{State{Time: 1, Protocol: "UDP"}, ""},
		{State{Protocol: "TCP"}, ""}, // never looked at
		{State{Time: 1, Protocol: "TCP", Paths: []Path{tcp(1, 99, 0)}}, "TCP, cubic"},
		{State{Time: 1, Protocol: "SCTP", Paths: []Path{{SCTP: &SCTPPath{}}}}, "SCTP"},
		{State{Time: 1, Protocol: "MPTCP", MPTCP: using, Paths: []Path{tcp(1, 99, 0)}}, "MPTCP, 1 subflow"},
		{State{Time: 1, Protocol: "MPTCP", MPTCP: using, Paths: []Path{tcp(0.61, 99, 0), tcp(0.39, 100, 0)}}, "MPTCP, 2 subflows, 61 % / 39 %"},
		{State{Time: 1, Protocol: "MPTCP", MPTCP: using, Paths: []Path{tcp(0.5, 99, 102), tcp(0.25, 101, 0), tcp(0.25, 103, 0)}},
			"MPTCP, 3 subflows, 50 % / 25 % / 25 %; a:1 to b:2 ended after 2.0 s; a:1 to b:2 joined after 3.0 s"},
		{State{Time: 1, Protocol: "MPTCP", MPTCP: using, Paths: []Path{tcp(1, 99, 103)}},
			"MPTCP, 1 subflow; a:1 to b:2 ended after 3.0 s; no subflow was left at the end"},
		{State{Time: 1, Protocol: "TCP", MPTCP: &MPTCPState{Setup: true, FallbackAt: 99 * second}}, "fell back to TCP at set-up"},
		{State{Time: 1, Protocol: "TCP", MPTCP: &MPTCPState{FallbackAt: 99 * second}}, "fell back to TCP before the start"},
		{State{Time: 1, Protocol: "TCP", MPTCP: &MPTCPState{FallbackAt: 102*second + second/4}}, "fell back to TCP after 2.3 s"},
	} {
		if got := test.state.Describe(start, late); got != test.want {
			t.Errorf("got  %q\nwant %q", got, test.want)
		}
	}
}
