package flow

import (
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"netperfmeter/channels"
	"netperfmeter/channels/channeltest"
	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// bubbleClock is the clock of a testing/synctest bubble.
func bubbleClock() Clock {
	begin := time.Now()
	monotonic := func() int64 { return int64(time.Since(begin)) }
	return Clock{
		Monotonic: monotonic,
		Realtime:  func() int64 { return time.Now().UnixNano() },
		Until: func(t int64, rehearse func()) int64 {
			time.Sleep(time.Duration(t - monotonic()))
			if rehearse != nil {
				rehearse() // nothing comes between it and the instant
			}
			return monotonic()
		},
	}
}

// link is one direction of a flow between a sender and a receiver.
type link struct {
	sender   *Sender
	receiver *Receiver
	a, b     channels.Conn
	ended    chan error    // of the receiving
	gate     chan struct{} // receiving waits until it is closed
}

func newLink(t *testing.T, spec string, protocol wire.Protocol, o channeltest.PairOptions, batch int) *link {
	t.Helper()
	s, err := traffic.Parse(protocol, spec, traffic.Defaults{})
	if err != nil {
		t.Fatal(err)
	}
	o.Datagrams = protocol == wire.UDP
	l := &link{ended: make(chan error, 1), gate: make(chan struct{})}
	l.a, l.b = channeltest.Pair(o)
	l.sender = NewSender(SenderConfig{
		Key: wire.Key{Measurement: 1, Flow: 2}, Spec: s, Conn: l.a, Batch: batch,
		Sources: traffic.NewSources(1, 2, 0, true), Clock: bubbleClock(),
	})
	l.receiver = NewReceiver(wire.Key{Measurement: 1, Flow: 2}, s.DefragTimeout, nil)
	go func() {
		l.ended <- Receive(l.b, Handler{
			FlowOf: func(*channels.ReceiveBatch, *channels.Message) *Receiver {
				<-l.gate
				return l.receiver
			},
			Other: func(*channels.ReceiveBatch, *channels.Message) error { return errors.New("no DATA") },
			Bad:   func(_ *channels.ReceiveBatch, _ *channels.Message, err error) error { return err },
		})
	}()
	return l
}

// run sends for the time given and returns what both ends have counted.
func (l *link) run(t *testing.T, d time.Duration) (stats.SentStats, stats.ReceivedStats) {
	t.Helper()
	close(l.gate)
	s := startSending([]*Sender{l.sender}, l.sender.clock, l.sender.clock.Monotonic(), func(_ *Sender, err error) { t.Error(err) })
	time.Sleep(d)
	s.stop()
	l.a.CloseWrite()
	synctest.Wait()
	l.a.Close()
	l.b.Close()
	if err := <-l.ended; !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
		t.Errorf("receiving ended with %v", err)
	}
	return l.sender.Stats(), l.receiver.Stats()
}

// What a plan says is sent, over hours, and both ends agree.
func TestPlannedFrames(t *testing.T) {
	tests := []struct {
		spec     string
		protocol wire.Protocol
		time     time.Duration
		frames   uint64 // planned until just before the end
		bytes    uint64
	}{
		{"const10:const1000", wire.TCP, 30*time.Minute - time.Millisecond, 18000, 18e6},
		{"const1:const100000:const0:const0:maxmsgsize=4000", wire.TCP, 20*time.Minute - time.Millisecond, 1200, 120e6},
		{"const50:const10", wire.UDP, time.Minute - time.Millisecond, 3000, 3000 * 48},
		{"const20:const500:const0:const0:onoff=10,20,30", wire.UDP, 40*time.Second - time.Millisecond, 400, 200000},
		{"const4:const500:const0:const0:onoff=+1,+2,repeat", wire.TCP, 30*time.Second - time.Millisecond, 80, 40000},
		{"const7:const0", wire.UDP, time.Minute, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.spec, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLink(t, tt.spec, tt.protocol, channeltest.PairOptions{}, 0)
				sent, received := l.run(t, tt.time)
				if sent.Frames != tt.frames || sent.Bytes != tt.bytes {
					t.Errorf("sent %d frames, %d bytes; want %d, %d", sent.Frames, sent.Bytes, tt.frames, tt.bytes)
				}
				if received.Counts != sent.Counts || received.Lost != (stats.Counts{}) {
					t.Errorf("received %+v, lost %+v; sent %+v", received.Counts, received.Lost, sent.Counts)
				}
			})
		})
	}
}

// Whatever pieces the transport takes, and whenever it stops, each message
// that the sender counts arrives whole.
func TestSaturatedCountsAgree(t *testing.T) {
	for _, batch := range []int{0, 1, 7} {
		for _, accept := range []int{1 << 20, 1000, 47} {
			synctest.Test(t, func(t *testing.T) {
				o := channeltest.PairOptions{Buffer: 50000, Accept: func(n int) int { return min(n, accept) }}
				l := newLink(t, "const0:uniform1,3000:const0:const0:maxmsgsize=1000", wire.TCP, o, batch)
				// Nothing passes time in a pair: the receiver has to.
				go func() {
					time.Sleep(time.Second)
					close(l.gate)
				}()
				s := startSending([]*Sender{l.sender}, l.sender.clock, 0, func(_ *Sender, err error) { t.Error(err) })
				time.Sleep(500 * time.Millisecond)
				s.stop()
				l.a.CloseWrite()
				if err := <-l.ended; !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("receiving ended with %v", err)
				}
				sent, received := l.sender.Stats(), l.receiver.Stats()
				if sent.Packets == 0 || received.Counts != sent.Counts || received.Lost != (stats.Counts{}) {
					t.Errorf("batch %d, accept %d: sent %+v, received %+v, lost %+v", batch, accept, sent.Counts, received.Counts, received.Lost)
				}
			})
		}
	}
}

// A transport that has no room for a while holds up its own flow only, and
// afterwards that one is back on its schedule.
func TestBlockedFlowCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		blocked := newLink(t, "const100:const1000", wire.TCP, channeltest.PairOptions{Buffer: 5000}, 0)
		free := newLink(t, "const100:const1000", wire.TCP, channeltest.PairOptions{}, 0)
		close(free.gate)
		clock := blocked.sender.clock
		s := startSending([]*Sender{blocked.sender, free.sender}, clock, clock.Monotonic(), func(_ *Sender, err error) { t.Error(err) })
		time.Sleep(695 * time.Millisecond)
		if n := free.sender.Stats().Frames; n != 70 {
			t.Errorf("the free flow has sent %d frames, want 70", n)
		}
		close(blocked.gate)
		time.Sleep(300 * time.Millisecond)
		s.stop()
		for _, l := range []*link{blocked, free} {
			l.a.CloseWrite()
			<-l.ended
			if n := l.sender.Stats().Frames; n != 100 {
				t.Errorf("sent %d frames, want 100", n)
			}
		}
	})
}

// Frames that are late by more than a second are skipped, and counted.
func TestStallSkips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(t, "const10:const1000", wire.TCP, channeltest.PairOptions{Buffer: 1000}, 0)
		s := startSending([]*Sender{l.sender}, l.sender.clock, l.sender.clock.Monotonic(), func(_ *Sender, err error) { t.Error(err) })
		time.Sleep(5*time.Second + 50*time.Millisecond)
		close(l.gate)
		time.Sleep(5*time.Second - 100*time.Millisecond)
		s.stop()
		l.a.CloseWrite()
		<-l.ended
		sent := l.sender.Stats()
		if sent.Skipped == 0 || sent.Frames+sent.Skipped != 100 {
			t.Errorf("sent %d and skipped %d frames, want 100 together", sent.Frames, sent.Skipped)
		}
		if received := l.receiver.Stats(); received.Lost != (stats.Counts{}) {
			t.Errorf("skipped frames count as lost: %+v", received.Lost)
		}
	})
}

// Datagrams that vanish are lost, those that come twice or late are not.
func TestDatagramFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := channeltest.PairOptions{Fault: func(_, n int) channeltest.Fault {
			switch n % 10 {
			case 3:
				return channeltest.Drop
			case 5:
				return channeltest.Duplicate
			case 7:
				return channeltest.Delay
			}
			return channeltest.None
		}}
		l := newLink(t, "const100:const200", wire.UDP, o, 0)
		sent, received := l.run(t, 10*time.Second-time.Millisecond)
		if sent.Packets != 1000 || received.Packets != 900 || received.Lost.Packets != 100 || received.Lost.Bytes != 20000 ||
			received.Lost.Frames != 100 || received.Duplicates.Packets != 100 || received.Late.Packets != 100 {
			t.Errorf("sent %+v, received %+v", sent.Counts, received)
		}
	})
}

// What was due when the senders are stopped is sent, even by a thread that
// wakes late, and nothing that was planned for later.
func TestLateWakeUpAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLink(t, "const100:const500", wire.UDP, channeltest.PairOptions{}, 0)
		exact := l.sender.clock.Until
		l.sender.clock.Until = func(at int64, rehearse func()) int64 {
			return exact(at+int64(37*time.Millisecond), rehearse)
		}
		sent, received := l.run(t, time.Second+5*time.Millisecond)
		if sent.Frames != 101 || received.Counts != sent.Counts {
			t.Errorf("sent %d frames, received %d; 101 were planned by then", sent.Frames, received.Frames)
		}
	})
}
