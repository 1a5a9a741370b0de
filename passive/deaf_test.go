package passive

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// deafConn is a control channel whose client reads nothing: writes block until
// it is closed.
type deafConn struct{ net.Conn }

func (deafConn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// oneConn is a listener with one connection.
type oneConn struct{ conn net.Conn }

func (l oneConn) Accept() (net.Conn, error) { return l.conn, nil }
func (oneConn) Close() error                { return nil }
func (oneConn) Addr() net.Addr              { return &net.TCPAddr{} }

func udpFlow(t *testing.T, id wire.MeasurementID) (wire.AddFlow, []byte) {
	t.Helper()
	spec, err := traffic.Parse(wire.UDP, "const1:const100", traffic.Defaults{})
	if err != nil {
		t.Fatal(err)
	}
	add, err := control.FromSpec(spec, id, control.Version20)
	if err != nil {
		t.Fatal(err)
	}
	message, err := add.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return add, message
}

// TestDeafClient: a client that reads no answers, and whose UDP flow is
// identified all the same, holds up nobody else's UDP flow.
func TestDeafClient(t *testing.T) {
	loopback := netip.MustParseAddrPort("127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	s, err := New(ctx, Config{
		Control: []Listen{{Protocol: wire.TCP, Addr: loopback}}, Data: []Listen{{Protocol: wire.UDP, Addr: loopback}},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	data := netip.AddrPortFrom(loopback.Addr(), s.Ports().UDP)

	here, there := net.Pipe()
	defer here.Close()
	if err := s.acceptControl(ctx, oneConn{deafConn{there}}); err != nil {
		t.Fatal(err)
	}
	deaf, message := udpFlow(t, 1<<20)
	if _, err := here.Write(message); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); s.flows.find(deaf.Key) == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the flow was not added")
		}
	}
	identify(t, data, deaf.Key)

	conn, err := channels.DialControl(ctx, wire.TCP, netip.AddrPortFrom(loopback.Addr(), s.Ports().Control), channels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sound := control.NewClient(control.NewConn(conn, 10*time.Second), 1<<21)
	defer conn.Close()
	add, _ := udpFlow(t, 1<<21)
	if err := sound.AddFlow(ctx, add); err != nil {
		t.Fatal(err)
	}
	identify(t, data, add.Key)
	if err := sound.Identified(ctx, add.Key, controlWriteTimeout/2); err != nil {
		t.Errorf("while another client is deaf: %v", err)
	}
}

// identify sends a flow's IDENTIFY_FLOW.
func identify(t *testing.T, to netip.AddrPort, key wire.Key) {
	t.Helper()
	conn, err := net.Dial("udp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if _, err := conn.Write(wire.Identify{Key: key, NoVectors: true}.Append(nil)); err != nil {
		t.Fatal(err)
	}
}
