package channeltest

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

func TestPairKeepsTheContract(t *testing.T) {
	for _, test := range []struct {
		name string
		o    PairOptions
	}{
		{"stream", PairOptions{}},
		{"stream, short writes", PairOptions{Accept: func(n int) int { return (n + 1) / 2 }}},
		{"stream, small buffer", PairOptions{Buffer: 70000}},
		{"datagrams", PairOptions{Datagrams: true}},
		{"datagrams, small buffer", PairOptions{Datagrams: true, Buffer: 70000}},
	} {
		t.Run(test.name, func(t *testing.T) {
			Run(t, func(testing.TB) (a, b channels.Conn) { return Pair(test.o) },
				Traits{Datagrams: test.o.Datagrams, Fills: true})
		})
	}
}

// TestPairInBubble shows that the pair waits in a way that a bubble's clock
// takes for waiting: hours pass at once.
func TestPairInBubble(t *testing.T) {
	for _, datagrams := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a, b := Pair(PairOptions{Datagrams: datagrams, Buffer: 2000})
			defer b.Close()
			defer a.Close()
			start := time.Now()
			if err := b.SetReadDeadline(start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			c := newChecker(t, b, always(1000))
			if err := c.until(1); !isDeadline(err) || time.Since(start) != time.Hour {
				t.Fatalf("Receive: %v after %v", err, time.Since(start))
			}
			if err := a.SetWriteDeadline(time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			all := batch(0, 10, always(1000))
			if err := a.Send(all, true); !isDeadline(err) || time.Since(start) != 2*time.Hour || all.Sent != 2 {
				t.Fatalf("Send: %v after %v, %d messages", err, time.Since(start), all.Sent)
			}
			if err := errors.Join(a.SetWriteDeadline(time.Time{}), b.SetReadDeadline(time.Time{})); err != nil {
				t.Fatal(err)
			}
			go func() {
				time.Sleep(time.Hour)
				if err := c.until(10); err != nil {
					t.Error(err)
				}
			}()
			send(t, a, all)
			synctest.Wait()
			if now := c.b.Msgs[0].Time; now != time.Now().UnixNano() || time.Since(start) != 3*time.Hour {
				t.Errorf("the last message arrived at %d, after %v", now, time.Since(start))
			}
		})
	}
}

func TestFaults(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []Fault
		want   []wire.Seq
	}{
		{"none", nil, []wire.Seq{0, 1, 2, 3}},
		{"drop", []Fault{None, Drop}, []wire.Seq{0, 2, 3}},
		{"duplicate", []Fault{Duplicate}, []wire.Seq{0, 0, 1, 2, 3}},
		{"delay", []Fault{None, Delay}, []wire.Seq{0, 2, 1, 3}},
		{"delay two", []Fault{Delay, Delay}, []wire.Seq{0, 2, 1, 3}},
		{"delay before drop", []Fault{Delay, Drop}, []wire.Seq{0, 2, 3}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := Pair(PairOptions{Datagrams: true, Fault: func(direction, n int) Fault {
				if direction != 0 || n >= len(test.faults) {
					return None
				}
				return test.faults[n]
			}})
			defer b.Close()
			defer a.Close()
			send(t, a, batch(0, 4, always(100)))
			var in channels.ReceiveBatch
			if err := b.Receive(&in); err != nil {
				t.Fatal(err)
			}
			var got []wire.Seq
			for i := range in.Msgs {
				d, err := wire.ParseData(in.Bytes(i))
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, d.Seq)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, expected %v", got, test.want)
			}
		})
	}
}
