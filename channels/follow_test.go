package channels

import (
	"fmt"
	"testing"

	"netperfmeter/wire"
)

// scripted is a Conn whose kernel says what the test wants.
type scripted struct {
	Conn
	paths []string // local addresses
	mptcp *MPTCPState
	err   error
}

func (s *scripted) examine(x *examination) error {
	if s.err != nil {
		return s.err
	}
	x.protocol = "TCP"
	if s.mptcp != nil {
		m := *s.mptcp
		x.mptcp = &m
		if m.InUse {
			x.protocol = "MPTCP"
		}
	}
	for i, local := range s.paths {
		x.paths = append(x.paths, Path{Local: local, Remote: "r", TCP: &TCPInfo{Acked: uint64(100 * (i + 1))}})
	}
	return nil
}

// paths writes a state's paths: "*" has ended.
func paths(s State) string {
	text := ""
	for _, p := range s.Paths {
		text += p.Local
		if p.Ended() {
			text += "*"
		}
		text += fmt.Sprintf("=%.2f ", p.Share)
	}
	return text
}

func TestFollower(t *testing.T) {
	c := &scripted{mptcp: &MPTCPState{InUse: true, Sent: 7}, paths: []string{"a"}}
	f := Follow(c, wire.MPTCP, 1, 2)
	for _, step := range []struct {
		paths       []string
		inUse, last bool
		want        string
		protocol    string
	}{
		{[]string{"a"}, true, false, "a=1.00 ", "MPTCP"},
		{[]string{"a", "b"}, true, false, "a=0.33 b=0.67 ", "MPTCP"},
		{[]string{"b"}, true, false, "a*=0.50 b=0.50 ", "MPTCP"},             // b is the first now: 100 bytes
		{[]string{"b", "a"}, true, false, "a*=0.25 b=0.25 a=0.50 ", "MPTCP"}, // another one of the same name
		{[]string{"a"}, false, false, "a*=0.33 b*=0.33 a=0.33 ", "TCP"},
		{nil, false, false, "a*=0.33 b*=0.33 a=0.33 ", "TCP"}, // perhaps being closed
		{nil, false, true, "a*=0.33 b*=0.33 a=0.33 ", "TCP"},  // it was
		{nil, false, false, "a*=0.33 b*=0.33 a*=0.33 ", "TCP"},
	} {
		c.paths, c.mptcp.InUse = step.paths, step.inUse
		look := f.Look
		if step.last {
			look = f.LookLast
		}
		if err := look(); err != nil {
			t.Fatal(err)
		}
		if s := f.State(); paths(s) != step.want || s.Protocol != step.protocol || s.MPTCP.InUse != step.inUse {
			t.Errorf("after %q: %s, %+v; expected %s", step.paths, paths(s), s.MPTCP, step.want)
		}
	}
	s := f.State()
	if m := s.MPTCP; m.FallbackAt == 0 || m.Setup || m.Sent != 7 {
		t.Errorf("fallback in mid-run: %+v", m)
	}
	if s.Buffers.SendAsked != 1 || s.Buffers.ReceiveAsked != 2 {
		t.Errorf("buffers: %+v", s.Buffers)
	}
	before := s.Time
	c.err = fmt.Errorf("closed")
	if err := f.Look(); err == nil || f.State().Time != before {
		t.Error("a look that failed has changed something")
	}
}

func TestFollowerOfAFallback(t *testing.T) {
	for name, c := range map[string]*scripted{
		"fallen back":  {mptcp: &MPTCPState{}, paths: []string{"a"}},
		"a TCP socket": {paths: []string{"a"}},
	} {
		f := Follow(c, wire.MPTCP, 0, 0)
		if err := f.Look(); err != nil {
			t.Fatal(err)
		}
		at := f.State().MPTCP.FallbackAt
		if err := f.Look(); err != nil {
			t.Fatal(err)
		}
		m := f.State().MPTCP
		if m.InUse || !m.Setup || m.FallbackAt == 0 || m.FallbackAt != at || m.Plain != (c.mptcp == nil) {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// TestFollowerOfOthers: what the kernel says nothing of has its addresses, and
// TCP never shows MPTCP.
func TestFollowerOfOthers(t *testing.T) {
	f := Follow(&scripted{paths: []string{"a"}}, wire.TCP, 0, 0)
	if err := f.Look(); err != nil {
		t.Fatal(err)
	}
	if s := f.State(); s.MPTCP != nil || s.Protocol != "TCP" || len(s.Paths) != 1 {
		t.Errorf("%+v", s)
	}
}
