package active

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"netperfmeter/control"
	"netperfmeter/wire"
)

// slowPeer is a passive side of ours that answers each exchange on a control
// channel after a while, as on a path that was down, until it is told to end.
func slowPeer(conn net.Conn, id wire.MeasurementID, delay time.Duration, end <-chan struct{}) {
	c := control.NewConn(conn, 0)
	for {
		message, err := c.Read()
		if err != nil {
			return
		}
		if message.Type == wire.TypeAddFlow {
			key, _ := wire.PeekKey(message.Bytes)
			c.Write(wire.Acknowledge{Key: key, Extension: wire.Confirmation(id, wire.ExtensionVersion)}.Append(nil))
			continue
		}
		select {
		case <-time.After(delay):
		case <-end:
			return
		}
		now := time.Now().UnixNano()
		c.WriteExtension(wire.ExtensionVersion, wire.KindClock, id, control.ClockAnswer{ReceivedNS: now, AnsweredNS: now})
	}
}

// watched starts a watch over a channel to a slow peer, which hangUp ends.
func watched(t *testing.T, delay time.Duration) (r *run, w *watch, hangUp func()) {
	t.Helper()
	near, far := net.Pipe()
	end := make(chan struct{})
	hangUp = func() {
		far.Close()
		close(end)
	}
	r = &run{id: wire.NewMeasurementID(7), Config: Config{PeerTimeout: 6 * time.Minute}}
	go slowPeer(far, r.id, delay, end)
	r.client = control.NewClient(control.NewConn(near, 0), r.id)
	r.clocks = &clocks{client: r.client}
	add := wire.AddFlow{
		Key: wire.Key{Measurement: r.id}, Protocol: wire.TCP, MaxMsgSize: 1000,
		FrameRate: wire.Distribution{Kind: wire.Constant}, FrameSize: wire.Distribution{Kind: wire.Constant},
	}
	if err := r.client.AddFlow(t.Context(), add); err != nil || !r.client.Ours() {
		t.Fatalf("not recognised as ours: %v", err)
	}
	return r, r.watchControl(context.Background()), hangUp
}

// A path that is down for less than the limit does not end the measurement, and what was
// asked meanwhile is answered before anything else is said.
func TestWatchIsPatient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w, hangUp := watched(t, 5*time.Minute)
		time.Sleep(9 * time.Minute)
		select {
		case err := <-w.broken:
			t.Fatalf("the channel is said to be broken: %v", err)
		default:
		}
		time.Sleep(time.Minute - 10*time.Second) // the second answer comes 14 seconds later
		if err := w.end(); err != nil {
			t.Errorf("the watch ended with %v", err)
		}
		if n := r.clocks.series.Exchanges(); n != 2 {
			t.Errorf("%d exchanges, the last answer was not waited for", n)
		}
		hangUp()
	})
}

// A peer that does not answer within the limit is given up.
func TestWatchGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, w, hangUp := watched(t, time.Hour)
		begin := time.Now()
		if err := <-w.broken; !errors.Is(err, control.ErrNoAnswer) || time.Since(begin) != clockPeriod+6*time.Minute {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		w.end()
		hangUp()
	})
}

// An answer that does not come within the usual time after the measurement
// leaves the channel of no use.
func TestWatchEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, w, hangUp := watched(t, time.Hour)
		time.Sleep(time.Minute)
		begin := time.Now()
		if err := w.end(); err == nil || time.Since(begin) > time.Minute {
			t.Errorf("after %v: %v", time.Since(begin), err)
		}
		hangUp()
	})
}

// A channel that breaks is noticed at once, between exchanges and in one.
func TestWatchNoticesTheEnd(t *testing.T) {
	for _, at := range []time.Duration{time.Second, 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			_, w, hangUp := watched(t, time.Hour)
			time.Sleep(at)
			hangUp()
			synctest.Wait()
			select {
			case err := <-w.broken:
				if !errors.Is(err, io.EOF) {
					t.Errorf("broken with %v", err)
				}
			default:
				t.Errorf("not noticed after %v", at)
			}
			w.end()
		})
	}
}
