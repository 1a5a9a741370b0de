package flow

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/stats"
	"netperfmeter/sys"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// setConn is a channel of a host whose wall clock is set.
type setConn struct {
	channels.Conn
	offset *atomic.Int64 // ns
}

func (c setConn) Receive(b *channels.ReceiveBatch) error {
	err := c.Conn.Receive(b)
	for i := range b.Msgs {
		b.Msgs[i].Time += c.offset.Load()
	}
	return err
}

// TestClockSet sets the wall clock of one side by an hour in the middle of a
// measurement, in the warm-up or after it: that is logged and recorded, and
// counts, rates and the measured time are those of a clock that was not set.
func TestClockSet(t *testing.T) {
	for _, test := range []struct {
		name string
		step time.Duration
		omit time.Duration
	}{
		{"forward", time.Hour, 0}, {"back", -time.Hour, 0}, {"forward in the warm-up", time.Hour, 400 * time.Millisecond}, {"back in the warm-up", -time.Hour, 400 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			var offset atomic.Int64
			a, b := channeltest.Pair(channeltest.PairOptions{})
			spec, err := traffic.Parse(wire.TCP, "const500:const1000:const500:const500", traffic.Defaults{})
			if err != nil {
				t.Fatal(err)
			}
			m := NewMeasurement(Config{
				Seed: 1, Interval: 50 * time.Millisecond, Omit: test.omit, Log: slog.New(slog.NewTextHandler(&log, nil)),
				WallClock: func() int64 { return sys.Realtime() + offset.Load() },
				Failed:    func(_ *Flow, err error) { t.Error(err) },
			})
			conn := setConn{a, &offset}
			f := m.Add(wire.Key{Measurement: 1}, spec, conn, Vector{})
			peer := NewReceiver(wire.Key{Measurement: 1}, spec.DefragTimeout, nil)
			ended := make(chan error, 2)
			go func() { ended <- Receive(conn, handlerOf(f.Receiver)) }()
			go func() { ended <- Receive(b, handlerOf(peer)) }()
			back := NewSender(SenderConfig{
				Key: wire.Key{Measurement: 1}, Passive: true, Spec: incoming(spec), Conn: b,
				Sources: traffic.NewSources(1, 0, 0, false), Clock: m.clock(),
			})
			begin := time.Now()
			m.Start(Vector{})
			started := time.Now()
			sending := startSending([]*Sender{back}, m.clock(), m.clock().Monotonic(), func(_ *Sender, err error) { t.Error(err) })
			time.Sleep(300 * time.Millisecond)
			offset.Store(int64(test.step))
			await(t, func() bool {
				_, counted := f.Receiver.QuietSince()
				return time.Since(begin) > time.Second && counted > 100
			})
			least := time.Since(started) - test.omit
			m.StopSending()
			sending.stop()
			took := time.Since(begin)
			drained(t, peer, f.Sent().Counts)
			drained(t, f.Receiver, back.Stats().Counts)
			m.Close(map[wire.Key]*stats.Counts{{Measurement: 1}: countsOf(back)})
			s := m.Scalars()
			a.Close()
			b.Close()
			for range 2 {
				<-ended
			}
			m.Abandon()
			checkSteps(t, s, log.String(), test.step)
			checkRates(t, s, least, took)
		})
	}
}

func handlerOf(r *Receiver) Handler {
	return Handler{
		FlowOf: func(*channels.ReceiveBatch, *channels.Message) *Receiver { return r },
		Other:  func(*channels.ReceiveBatch, *channels.Message) error { return errors.New("no DATA") },
		Bad:    func(_ *channels.ReceiveBatch, _ *channels.Message, err error) error { return err },
	}
}

// incoming is the flow as the other side sends it.
func incoming(s traffic.FlowSpec) traffic.FlowSpec {
	s.Outgoing = s.Incoming
	return s
}

func countsOf(s *Sender) *stats.Counts {
	c := s.Stats().Counts
	return &c
}

func await(t *testing.T, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain")
		}
	}
}

func drained(t *testing.T, r *Receiver, sent stats.Counts) {
	t.Helper()
	await(t, func() bool { return r.Stats().Packets == sent.Packets })
}

// checkSteps: one step was seen, of the right size.
func checkSteps(t *testing.T, s stats.Scalars, log string, step time.Duration) {
	t.Helper()
	steps := 0
	for _, line := range s.TotalExtra {
		if line.Name != "Clock Step Seconds" {
			continue
		}
		steps++
		if seconds, err := strconv.ParseFloat(line.Value, 64); err != nil || math.Abs(seconds-step.Seconds()) > 1 {
			t.Errorf("a step of %s seconds, want %g", line.Value, step.Seconds())
		}
	}
	if steps != 1 || !strings.Contains(log, "the wall clock was set") {
		t.Errorf("%d steps; %s", steps, log)
	}
}

// checkRates: the rates are over times that nobody has set.
func checkRates(t *testing.T, s stats.Scalars, least, took time.Duration) {
	t.Helper()
	f := &s.Flows[0]
	if f.Received.Lost != (stats.Counts{}) || f.Received.Packets == 0 || f.Sent.Packets == 0 {
		t.Errorf("sent %+v, received %+v", f.Sent.Counts, f.Received)
	}
	for name, elapsed := range map[string]int64{"sending": f.Sent.Elapsed(), "receiving": f.Received.Elapsed(), "measured": s.Elapsed()} {
		if d := time.Duration(elapsed) * time.Microsecond; d <= 0 || d > took || name == "measured" && d < least {
			t.Errorf("%s took %v of %v", name, d, took)
		}
	}
	if f.Received.LongestGap >= took {
		t.Errorf("a gap of %v in %v", f.Received.LongestGap, took)
	}
	if f.ConfiguredRate != 500 || f.AchievedRate <= 0 || f.AchievedRate > 600 {
		t.Errorf("%g of %g frames/s", f.AchievedRate, f.ConfiguredRate)
	}
}
