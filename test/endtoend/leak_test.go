//go:build linux

package endtoend

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"netperfmeter/active"
	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/passive"
	"netperfmeter/test/lab"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// TestAThousandMeasurements makes them one after another and beside each
// other against one passive side: complete ones, interrupted ones, and ones
// whose control connection just breaks. Both sides are in this process, so
// that every goroutine and descriptor of either can be counted.
func TestAThousandMeasurements(t *testing.T) {
	lab.NoLeaks(t)
	// Those that break off leave warnings; an error is nothing that a peer can cause.
	var complaints complaints
	log := slog.New(slog.NewTextHandler(&complaints, &slog.HandlerOptions{Level: slog.LevelError}))
	ports, stop := passiveHere(t, log)
	const measurements, beside = 1000, 8
	var next, complete atomic.Int64
	var clients sync.WaitGroup
	for range beside {
		clients.Go(func() {
			for {
				i := next.Add(1)
				if i > measurements {
					return
				}
				ok, err := measureOnce(t.Context(), int(i), ports, log)
				if err != nil {
					t.Errorf("measurement %d: %v", i, err)
				}
				if ok {
					complete.Add(1)
				}
			}
		})
	}
	clients.Wait()
	stop()
	if complete.Load() < measurements/2 {
		t.Errorf("%d of %d measurements were complete", complete.Load(), measurements)
	}
	if text := complaints.String(); text != "" {
		t.Errorf("the log is not empty:\n%.2000s", text)
	}
}

// complaints is a log that several goroutines write.
type complaints struct {
	mu   sync.Mutex
	text strings.Builder
}

func (c *complaints) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.Write(b)
}

func (c *complaints) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.text.String()
}

// passiveHere starts a passive side on free ports of loopback; stop returns
// when it has ended.
func passiveHere(t *testing.T, log *slog.Logger) (ports control.Ports, stop func()) {
	t.Helper()
	free := netip.MustParseAddrPort("127.0.0.1:0")
	cfg := passive.Config{Control: []passive.Listen{{Protocol: wire.TCP, Addr: free}}, TempDir: t.TempDir(), Seed: 1, Log: log}
	for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP, wire.UDP} {
		cfg.Data = append(cfg.Data, passive.Listen{Protocol: p, Addr: free})
	}
	server, err := passive.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()
	return server.Ports(), func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("passive side: %v", err)
		}
	}
}

// measureOnce makes the i-th measurement; complete tells whether it was one
// from its beginning to its end.
func measureOnce(ctx context.Context, i int, ports control.Ports, log *slog.Logger) (complete bool, err error) {
	specs := []string{"const200:const500:const100:const100", "const0:const2000:const0:const3000:onoff=0,0.005,0.01", "exp300:uniform0,300"}
	cfg := active.Config{
		Remote: netip.MustParseAddr("127.0.0.1"), Ports: ports, Control: wire.TCP,
		Runtime: time.Duration(i%40) * time.Millisecond, ActiveName: "A", PassiveName: "P", Seed: uint64(i), Log: log,
	}
	if cfg.Runtime == 0 {
		cfg.Runtime = time.Microsecond
	}
	for id := range 1 + i%4 {
		protocol := []wire.Protocol{wire.TCP, wire.UDP, wire.MPTCP}[(i+id)%3]
		spec, err := traffic.Parse(protocol, specs[(i/3+id)%len(specs)], traffic.Defaults{})
		if err != nil {
			return false, err
		}
		spec.ID = wire.FlowID(id)
		cfg.Flows = append(cfg.Flows, active.FlowConfig{Spec: spec})
	}
	cfg.Detailed = i%2 == 1
	switch i % 10 {
	case 6:
		// Out of time wherever it stands.
		cfg.Deadline = time.Now().Add(time.Duration(i%50) * time.Millisecond)
		cfg.Runtime = time.Second
		active.Run(ctx, cfg)
		return false, nil
	case 3:
		return false, breakOff(ctx, i, ports)
	case 7:
		// Interrupted wherever it stands.
		ctx, cancel := context.WithTimeout(ctx, time.Duration(i%50)*time.Millisecond)
		defer cancel()
		cfg.Runtime = time.Second
		active.Run(ctx, cfg)
		return false, nil
	}
	report, err := active.Run(ctx, cfg)
	if err != nil {
		return false, err
	}
	for _, f := range report.Flows {
		for _, d := range []active.DirectionReport{f.Outgoing, f.Incoming} {
			if d.Received.Add(d.Lost) != d.Sent {
				return false, fmt.Errorf("flow %d: sent %+v, received %+v, lost %+v", f.ID, d.Sent, d.Received, d.Lost)
			}
		}
	}
	return true, nil
}

// breakOff talks like an active side up to some step and then closes the
// control connection.
func breakOff(ctx context.Context, i int, ports control.Ports) error {
	conn, err := channels.DialControl(ctx, wire.TCP, netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), ports.Control), channels.Options{})
	if err != nil {
		return err
	}
	defer conn.Close()
	h := hostile{measurement: uint64(i)<<32 | 0xffff}
	steps := [][]byte{h.addFlow(1, nil), h.start(), h.stop(), h.removeFlow(1)}
	for _, step := range steps[:i/10%(len(steps)+1)] {
		if _, err := conn.Write(step); err != nil {
			return err
		}
	}
	return nil
}
