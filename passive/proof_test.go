package passive

import (
	"errors"
	"net"
	"net/netip"
	"testing"

	"netperfmeter/control"
	"netperfmeter/wire"
)

// pairOverTCP is a control channel's two ends.
func pairOverTCP(t *testing.T) (here, there net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	there, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	here, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { here.Close(); there.Close() })
	return here, there
}

// TestProvenAddresses: what is taken for the client's, and that nobody who asks
// has to wait for the session.
func TestProvenAddresses(t *testing.T) {
	here, _ := pairOverTCP(t)
	c := &session{server: testServer(Limits{}), channel: here, ours: true, state: control.Adding}
	f := &dataFlow{key: wire.Key{Flow: 1}, session: c}
	c.flows = []*dataFlow{f}
	own, other := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("192.0.2.7")
	if !c.reaches(own) || c.reaches(other) {
		t.Error("the control connection's address is the only one at first")
	}
	if err := c.proveAddress(f, other); !errors.Is(err, errAddressProven) {
		t.Fatal(err)
	}
	c.mu.Lock() // as it is while an answer waits to be read
	if !c.reaches(other) || !c.reaches(netip.MustParseAddr("::ffff:192.0.2.7")) || c.reaches(netip.MustParseAddr("192.0.2.8")) {
		t.Error("the proven address, and no other, is the client's too")
	}
	c.mu.Unlock()
	for i := byte(1); i < maxAddresses; i++ {
		if err := c.proveAddress(f, netip.AddrFrom4([4]byte{192, 0, 3, i})); !errors.Is(err, errAddressProven) {
			t.Fatal(err)
		}
	}
	if err := c.proveAddress(f, netip.MustParseAddr("192.0.4.1")); refusalOf(err) != ThirdParty {
		t.Errorf("one too many: %v", err)
	}
}

// TestUnprovableAddresses: when a connection proves nothing.
func TestUnprovableAddresses(t *testing.T) {
	address := netip.MustParseAddr("192.0.2.7")
	for _, row := range []struct {
		name   string
		change func(c *session)
		want   Refusal
	}{
		{"of another program", func(c *session) { c.ours = false }, UnknownFlow},
		{"with a key", func(c *session) { c.server.cfg.Key = control.Key("sixteen bytes or more") }, ThirdParty},
		{"while running", func(c *session) { c.state = control.Running }, OutOfOrder},
		{"of a flow that is gone", func(c *session) { c.flows = nil }, OutOfOrder},
	} {
		here, _ := pairOverTCP(t)
		c := &session{server: testServer(Limits{}), channel: here, ours: true, state: control.Adding}
		f := &dataFlow{key: wire.Key{Flow: 1}, session: c}
		c.flows = []*dataFlow{f}
		row.change(c)
		if err := c.proveAddress(f, address); refusalOf(err) != row.want || c.reaches(address) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}
