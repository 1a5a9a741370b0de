package passive

import (
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"netperfmeter/traffic"
	"netperfmeter/wire"
)

func constant(v float64) wire.Distribution {
	return wire.Distribution{Kind: wire.Constant, Values: [4]float64{v}}
}

// spec sends 1000 bit/s and has two on/off times.
func spec() traffic.FlowSpec {
	return traffic.FlowSpec{Protocol: wire.UDP, MaxMsgSize: 1000, OnOff: make([]wire.Event, 2), Outgoing: traffic.Direction{Rate: constant(1), Size: constant(125)}}
}

func TestDefaults(t *testing.T) {
	l := Limits{MaxFlows: 5}.withDefaults(t.TempDir())
	for i, value := range l {
		if value <= 0 {
			t.Errorf("%s: %d", limitTable[i].Name, value)
		}
	}
	if l[MaxFlows] != 5 || l[MaxClientFlows] != limitTable[MaxClientFlows].Default || l[MaxClientResults] != l[MaxResults]/2 {
		t.Errorf("%v", l)
	}
	if got := (Limits{}.withDefaults("/nowhere")); got[MaxResults] != NoLimit || got[MaxClientResults] != NoLimit {
		t.Error("without knowing the free space there is no limit")
	}
}

// TestFlowLimits: what a flow asks for, and the limit that is in the way.
func TestFlowLimits(t *testing.T) {
	for _, row := range []struct {
		name   string
		limits Limits
		change func(s *traffic.FlowSpec)
		want   Limit // numLimits: none
	}{
		{"all defaults", Limits{}, func(s *traffic.FlowSpec) { s.Outgoing.Rate = constant(0) }, numLimits},
		{"the limit itself", Limits{MaxFlowRate: 1000, MaxUDPRate: 1000}, nil, numLimits},
		{"one more", Limits{MaxFlowRate: 999}, nil, MaxFlowRate},
		{"UDP", Limits{MaxUDPRate: 999}, nil, MaxUDPRate},
		{"TCP is not UDP", Limits{MaxUDPRate: 999}, func(s *traffic.FlowSpec) { s.Protocol = wire.TCP }, numLimits},
		{"saturated", Limits{MaxUDPRate: 1e15}, func(s *traffic.FlowSpec) { s.Outgoing.Rate = constant(0) }, MaxUDPRate},
		{"idle", Limits{MaxUDPRate: 1}, func(s *traffic.FlowSpec) { s.Outgoing.Size = constant(0) }, numLimits},
		{"message", Limits{MaxMessageSize: 999}, nil, MaxMessageSize},
		{"send buffer", Limits{MaxBuffer: 999}, func(s *traffic.FlowSpec) { s.SndBuf = 1000 }, MaxBuffer},
		{"receive buffer", Limits{MaxBuffer: 999}, func(s *traffic.FlowSpec) { s.RcvBuf = 1000 }, MaxBuffer},
	} {
		limits := row.limits.withDefaults(t.TempDir())
		s := spec()
		if row.change != nil {
			row.change(&s)
		}
		expectLimit(t, row.name, limits.checkFlow(s), row.want)
	}
}

func expectLimit(t *testing.T, name string, err error, want Limit) {
	t.Helper()
	var limit *LimitError
	switch {
	case want == numLimits && err != nil:
		t.Errorf("%s: %v", name, err)
	case want == numLimits:
	case !errors.As(err, &limit) || limit.Limit != want:
		t.Errorf("%s: %v", name, err)
	case !strings.Contains(err.Error(), "limit "+limitTable[want].Name+"="):
		t.Errorf("%s: the text does not name the limit: %v", name, err)
	case refusalOf(err) != Limited:
		t.Errorf("%s: reason %s", name, refusalOf(err))
	}
}

// testServer is one without sockets.
func testServer(limits Limits) *Server {
	s := &Server{limits: limits.withDefaults(""), log: slog.New(slog.NewTextHandler(io.Discard, nil)), flows: newRegistry()}
	s.ledger = newLedger(&s.limits)
	return s
}

func testSession(s *Server, addr string) *session {
	return &session{server: s, client: clientOf(netip.MustParseAddr(addr))}
}

// TestAdmission: what sessions book, one of two clients at a time.
func TestAdmission(t *testing.T) {
	for _, row := range []struct {
		name   string
		limits Limits
		want   [4]Limit // of a first and a second flow of a client, one of another session of it, and one of another client
	}{
		{"free", Limits{}, [4]Limit{numLimits, numLimits, numLimits, numLimits}},
		{"measurements", Limits{MaxMeasurements: 1}, [4]Limit{numLimits, numLimits, MaxMeasurements, MaxMeasurements}},
		{"measurements of a client", Limits{MaxClientMeasurements: 1}, [4]Limit{numLimits, numLimits, MaxClientMeasurements, numLimits}},
		{"flows", Limits{MaxFlows: 2}, [4]Limit{numLimits, numLimits, MaxFlows, MaxFlows}},
		{"flows of a client", Limits{MaxClientFlows: 1}, [4]Limit{numLimits, MaxClientFlows, MaxClientFlows, numLimits}},
		{"descriptors", Limits{MaxDescriptors: 7}, [4]Limit{numLimits, numLimits, MaxClientDescriptors, MaxDescriptors}},
		{"descriptors of a client", Limits{MaxClientDescriptors: 7}, [4]Limit{numLimits, numLimits, MaxClientDescriptors, numLimits}},
		{"on/off times", Limits{MaxEvents: 4}, [4]Limit{numLimits, numLimits, MaxEvents, MaxEvents}},
		{"on/off times of a client", Limits{MaxClientEvents: 2}, [4]Limit{numLimits, MaxClientEvents, MaxClientEvents, numLimits}},
		{"rate", Limits{MaxTotalRate: 2999}, [4]Limit{numLimits, numLimits, MaxTotalRate, MaxTotalRate}},
	} {
		s := testServer(row.limits)
		one, another, stranger := testSession(s, "192.0.2.1"), testSession(s, "192.0.2.1"), testSession(s, "192.0.2.2")
		var flows []*dataFlow
		for i, c := range []*session{one, one, another, stranger} {
			f := &dataFlow{key: wire.Key{Flow: wire.FlowID(i)}, protocol: spec().Protocol, spec: spec(), session: c}
			err := c.admit(f)
			expectLimit(t, row.name, err, row.want[i])
			if err == nil {
				flows = append(flows, f)
			}
		}
		for _, f := range flows {
			f.session.dismiss(f)
		}
		for _, c := range []*session{one, another, stranger} {
			if c.measuring {
				s.ledger.give(c.client, bookedMeasurements, 1)
				s.ledger.give(c.client, bookedDescriptors, ownDescriptors)
			}
		}
		if s.ledger.all != [resources]int64{} || len(s.ledger.clients) != 0 {
			t.Errorf("%s: left in the ledger: %v, %d clients", row.name, s.ledger.all, len(s.ledger.clients))
		}
	}
}

// TestReadmission: an option cannot raise the rate behind the limits' back.
func TestReadmission(t *testing.T) {
	s := testServer(Limits{MaxTotalRate: 5000, MaxFlowRate: 4000})
	c := testSession(s, "192.0.2.1")
	f, other := &dataFlow{protocol: spec().Protocol, spec: spec()}, &dataFlow{protocol: spec().Protocol, spec: spec()}
	for _, f := range []*dataFlow{f, other} {
		if err := c.admit(f); err != nil {
			t.Fatal(err)
		}
	}
	f.spec.Outgoing.Rate = constant(4)
	expectLimit(t, "four times", c.readmit(f, true), numLimits)
	f.spec.Outgoing.Rate = constant(5)
	expectLimit(t, "above that of a flow", c.readmit(f, true), MaxFlowRate)
	other.spec.Outgoing.Rate = constant(2)
	expectLimit(t, "above that of all", c.readmit(other, false), MaxTotalRate)
}

// TestClients: an IPv6 subscriber has 2^64 addresses and is one client.
func TestClients(t *testing.T) {
	same := func(a, b string) bool {
		return clientOf(netip.MustParseAddr(a)) == clientOf(netip.MustParseAddr(b))
	}
	if !same("2001:db8::1", "2001:db8::ffff:1") || !same("::ffff:192.0.2.1", "192.0.2.1") || !same("fe80::1%eth0", "fe80::2") {
		t.Error("two clients instead of one")
	}
	if same("2001:db8::1", "2001:db8:0:1::1") || same("192.0.2.1", "192.0.2.2") {
		t.Error("one client instead of two")
	}
}

func TestAdmittedAddresses(t *testing.T) {
	networks := func(list ...string) (p []netip.Prefix) {
		for _, text := range list {
			p = append(p, netip.MustParsePrefix(text))
		}
		return p
	}
	for _, row := range []struct {
		allow, deny []netip.Prefix
		addr        string
		want        bool
	}{
		{nil, nil, "192.0.2.1", true},
		{networks("192.0.2.0/24"), nil, "192.0.2.1", true},
		{networks("192.0.2.0/24"), nil, "::ffff:192.0.2.1", true},
		{networks("192.0.2.0/24"), nil, "198.51.100.1", false},
		{networks("192.0.2.0/24"), nil, "::1", false},
		{networks("192.0.2.0/24"), networks("192.0.2.1/32"), "192.0.2.1", false},
		{nil, networks("192.0.2.0/24"), "192.0.2.1", false},
		{nil, networks("fe80::/10"), "fe80::1%eth0", false},
		{nil, networks("192.0.2.0/24"), "198.51.100.1", true},
	} {
		cfg := Config{Allow: row.allow, Deny: row.deny}
		if got := cfg.admits(netip.MustParseAddr(row.addr)); got != row.want {
			t.Errorf("%s, allow %v, deny %v: %v", row.addr, row.allow, row.deny, got)
		}
	}
}

// TestFloodGate: a burst, then some lines a second, and none is forgotten.
func TestFloodGate(t *testing.T) {
	g := floodGate{burst: 100, rate: 10}
	now, allowed, left := time.Unix(1e9, 0), 0, 0
	for range 100_000 { // over ten seconds
		if n, ok := g.allow(now); ok {
			allowed++
			left += n
		}
		now = now.Add(100 * time.Microsecond)
	}
	if most := 100 + 10*10; allowed < most-1 || allowed > most+1 || allowed+left+g.left != 100_000 {
		t.Errorf("%d lines, %d left out and told, %d not yet", allowed, left, g.left)
	}
}
