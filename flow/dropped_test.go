package flow

import (
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/channels"
	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// downConn is a link that goes down after a number of datagrams.
type downConn struct {
	channels.Conn
	up int
}

func (c *downConn) Send(b *channels.SendBatch, _ bool) error {
	if b.Done() {
		return nil
	}
	time.Sleep(time.Millisecond)
	if c.up--; c.up < 0 {
		return unix.ENETUNREACH
	}
	b.Sent++
	b.Offset = b.Ends[b.Sent-1]
	return nil
}
func (*downConn) SetWriteDeadline(time.Time) error { return nil }

// TestDroppedCountWhenTheyWere sees that what this host drops is part of the
// results at its own time, of saturated and of planned flows, and after a warm-up.
func TestDroppedCountWhenTheyWere(t *testing.T) {
	for _, text := range []string{"const0:const1000", "const100:const1000"} {
		for _, omit := range []time.Duration{0, 500 * time.Millisecond} {
			t.Run(text+" "+omit.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					spec, err := traffic.Parse(wire.UDP, text, traffic.Defaults{})
					if err != nil {
						t.Fatal(err)
					}
					clock := bubbleClock()
					begin := stats.Microseconds(clock.Realtime())
					cfg := SenderConfig{Spec: spec, Conn: &downConn{up: 20}, Batch: 1, Sources: traffic.NewSources(1, 2, 0, true), Clock: clock}
					if omit > 0 {
						cfg.Omit = begin + omit.Microseconds()
					}
					sender := NewSender(cfg)
					s := startSending([]*Sender{sender}, clock, clock.Monotonic(), func(_ *Sender, err error) { t.Error(err) })
					time.Sleep(time.Second)
					s.stop()
					sent, warmUp := sender.Measured()
					if sent.Dropped == 0 || sent.First < begin+omit.Microseconds() || sent.Last < begin+900_000 || sent.Last > begin+1_100_000 {
						t.Errorf("from %d to %d us after the start, %d dropped", sent.First-begin, sent.Last-begin, sent.Dropped)
					}
					if (omit > 0) != (warmUp.Packets > 0) {
						t.Errorf("a warm-up of %v has %d messages", omit, warmUp.Packets)
					}
				})
			})
		}
	}
}
