package passive

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/stats"
	"netperfmeter/sys"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// serveAt starts a passive side whose answers to clock exchanges have another
// clock, and connects to its control channel with one flow added.
func serveAt(t *testing.T, wallClock func() int64) *control.Client {
	t.Helper()
	loopback := netip.MustParseAddrPort("127.0.0.1:0")
	ctx, cancel := context.WithCancel(context.Background())
	s, err := New(ctx, Config{
		Control: []Listen{{Protocol: wire.TCP, Addr: loopback}}, Data: []Listen{{Protocol: wire.UDP, Addr: loopback}},
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.wallClock = wallClock
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx) }()
	conn, err := channels.DialControl(ctx, wire.TCP, netip.AddrPortFrom(loopback.Addr(), s.Ports().Control), channels.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	id := wire.NewMeasurementID(12345)
	client := control.NewClient(control.NewConn(conn, time.Minute), id)
	spec, err := traffic.Parse(wire.UDP, "const1:const100", traffic.Defaults{})
	if err != nil {
		t.Fatal(err)
	}
	add, err := control.FromSpec(spec, id, control.Version20)
	if err == nil {
		err = client.AddFlow(ctx, add)
	}
	if err != nil || !client.Ours() {
		t.Fatalf("flow not added to a passive side of ours: %v", err)
	}
	return client
}

// A clock that is shifted and runs at another speed is found within the bound.
func TestClockExchange(t *testing.T) {
	const offset, drift = 1234 * time.Millisecond, 1500e-6
	begin := sys.Monotonic()
	truth := func(at int64) int64 { return int64(offset) + int64(drift*float64(at-begin)) }
	client := serveAt(t, func() int64 { return sys.Realtime() + truth(sys.Monotonic()) })
	var series stats.ClockSeries
	for series.Exchanges() < 60 {
		sample, ok, err := client.Clock(t.Context(), control.ClockRequest{})
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			series.Add(sample)
		}
		time.Sleep(5 * time.Millisecond)
	}
	end := sys.Monotonic()
	e, _ := series.Estimate()
	for _, at := range []int64{begin, (begin + end) / 2, end} {
		found, bound := e.Offset(at)
		if miss := (found - time.Duration(truth(at))).Abs(); miss > bound || bound > offset/2 {
			t.Errorf("found %v +- %v, the truth is %v", found, bound, time.Duration(truth(at)))
		}
	}
	if !e.Steady || math.Abs(e.Drift-drift*1e6) > e.DriftBound {
		t.Errorf("steady %v, drift %v +- %v ppm, the truth is %v", e.Steady, e.Drift, e.DriftBound, drift*1e6)
	}
}

// A request that makes no sense is refused, and the channel stays in use.
func TestClockRefused(t *testing.T) {
	client := serveAt(t, sys.Realtime)
	nonsense := int64(math.MaxInt64)
	if _, _, err := client.Clock(t.Context(), control.ClockRequest{OffsetNS: &nonsense}); !errors.Is(err, control.ErrRefused) {
		t.Errorf("an offset of 292 years: %v", err)
	}
	if _, _, err := client.Clock(t.Context(), control.ClockRequest{}); err != nil {
		t.Error(err)
	}
}
