//go:build linux

package endurance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"netperfmeter/control"
	"netperfmeter/test/lab"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// step is how far a client of the tests goes with a measurement before something happens to it.
type step int

const (
	connected step = iota
	added
	unidentified // its data connection is there
	identified
	started
	stopped // its results are being fetched
	numSteps
)

func (s step) String() string {
	return [...]string{"connected", "flow added", "data connected", "identified", "started", "stopped"}[s]
}

// client is an active side of which every step can be the last one.
type client struct {
	control, data net.Conn
	talk          *control.Client
	id            wire.MeasurementID
}

// close ends the client as the death of its process would; with reset as with data that it has not read.
func (c *client) close(reset bool) {
	for _, conn := range []net.Conn{c.control, c.data} {
		if tcp, ok := conn.(*net.TCPConn); ok {
			if reset {
				tcp.SetLinger(0)
			}
			tcp.Close()
		}
	}
}

// goTo takes a client to a step. Its flow is saturated in both directions, with vectors wanted, and it reads nothing of
// what comes on its data channel.
func goTo(t *testing.T, n *lab.Namespace, to step) *client {
	t.Helper()
	c := &client{id: wire.NewMeasurementID(rand.Uint64())}
	if err := c.goTo(t.Context(), n, to); err != nil {
		t.Fatalf("%v: %v", to, err)
	}
	t.Cleanup(func() { c.close(true) })
	return c
}

func (c *client) goTo(ctx context.Context, n *lab.Namespace, to step) (err error) {
	if c.control, err = n.Dial("tcp", "127.0.0.1:9001"); err != nil || to == connected {
		return err
	}
	c.talk = control.NewClient(control.NewConn(c.control, 10*time.Second), c.id)
	spec, err := traffic.Parse(wire.TCP, "const0:const1400:const0:const1400", traffic.Defaults{})
	if err != nil {
		return err
	}
	add, err := control.FromSpec(spec, c.id, control.Version20)
	if err != nil {
		return err
	}
	if err := c.talk.AddFlow(ctx, add); err != nil || to == added {
		return err
	}
	if c.data, err = n.Dial("tcp", "127.0.0.1:9000"); err != nil || to == unidentified {
		return err
	}
	if _, err := c.data.Write(wire.Identify{Key: add.Key}.Append(nil)); err != nil {
		return err
	}
	if err := c.talk.Identified(ctx, add.Key, 20*time.Second); err != nil || to == identified {
		return err
	}
	if err := c.talk.Start(ctx, wire.Start{}); err != nil || to == started {
		return err
	}
	c.data.(*net.TCPConn).CloseWrite()
	message := wire.Stop{Measurement: c.id}.Append(nil)
	if _, err := c.control.Write(message); err != nil {
		return fmt.Errorf("sending STOP: %w", err)
	}
	return nil // its answer comes after what is in flight was waited for
}
