package channels

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"testing"
	"time"

	"netperfmeter/wire"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// fill makes batch as many DATA messages of the given size as fit into limit
// bytes.
func fill(batch *SendBatch, size, limit int) {
	batch.Reset()
	for len(batch.Buf)+size <= limit {
		start := len(batch.Buf)
		batch.Buf = append(batch.Buf, make([]byte, size)...)
		wire.PutData(batch.Buf[start:], size, &wire.Data{})
		batch.Ends = append(batch.Ends, len(batch.Buf))
	}
}

// again makes the kernel forget what it has of the batch.
func again(batch *SendBatch) { batch.Sent, batch.Offset = 0, 0 }

func streamPair(tb testing.TB, p wire.Protocol, o Options) (a, b Conn) {
	tb.Helper()
	l, err := Listen(context.Background(), p, loopback, o)
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	if a, err = Dial(context.Background(), p, l.Addr(), o); err != nil {
		tb.Fatal(err)
	}
	if b, err = l.Accept(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// BenchmarkStream saturates a connection over loopback. One operation is one
// write; cubic, since other congestion controls pace or are erratic there.
func BenchmarkStream(b *testing.B) {
	for _, p := range []wire.Protocol{wire.TCP, wire.MPTCP} {
		for _, write := range []int{64, 128, 256, 512, 1024} {
			for _, size := range []int{1400, 16000} {
				b.Run(fmt.Sprintf("%s/message=%d/write=%dKiB", p, size, write), func(b *testing.B) {
					benchmarkStream(b, p, size, write<<10)
				})
			}
		}
	}
}

func benchmarkStream(b *testing.B, p wire.Protocol, size, write int) {
	from, to := streamPair(b, p, Options{CongestionControl: "cubic"})
	received := make(chan int)
	go func() {
		var batch ReceiveBatch
		n := 0
		for to.Receive(&batch) == nil {
			n += len(batch.Msgs)
		}
		received <- n
	}()
	var batch SendBatch
	fill(&batch, size, write)
	b.SetBytes(int64(len(batch.Buf)))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		again(&batch)
		if err := from.Send(&batch, true); err != nil {
			b.Fatal(err)
		}
	}
	if err := from.CloseWrite(); err != nil {
		b.Fatal(err)
	}
	n := <-received
	b.StopTimer()
	if n != b.N*len(batch.Ends) {
		b.Fatalf("%d messages of %d", n, b.N*len(batch.Ends))
	}
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(b.N)*float64(len(batch.Buf))*8/seconds/1e9, "Gbit/s")
	b.ReportMetric(float64(n)/seconds, "messages/s")
}

// BenchmarkUDP sends as fast as it goes over loopback and counts what arrives.
// One operation is one batch.
func BenchmarkUDP(b *testing.B) {
	for _, size := range []int{200, 1400} {
		for _, o := range []struct {
			name     string
			offloads Offloads
		}{
			{"all", Offloads{}},
			{"nogro", Offloads{NoGRO: true}},
			{"nogso", Offloads{NoGSO: true}},
			{"nogso,nogro", Offloads{NoGSO: true, NoGRO: true}},
			{"none", Offloads{NoGSO: true, NoGRO: true, NoMmsg: true, NoTimestamps: true}},
		} {
			b.Run(fmt.Sprintf("message=%d/%s", size, o.name), func(b *testing.B) {
				benchmarkUDP(b, size, Options{Offloads: o.offloads})
			})
		}
	}
}

func benchmarkUDP(b *testing.B, size int, o Options) {
	s, err := ListenUDP(context.Background(), loopback, o)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c, err := Dial(context.Background(), wire.UDP, s.Addr(), o)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	received := make(chan int)
	go func() {
		var batch ReceiveBatch
		n := 0
		for {
			if err := s.Receive(&batch); err != nil {
				if !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, io.EOF) {
					b.Error(err)
				}
				received <- n
				return
			}
			n += len(batch.Msgs)
		}
	}()
	var batch SendBatch
	fill(&batch, size, 256<<10)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		again(&batch)
		if err := c.Send(&batch, true); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	_ = s.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	n := <-received
	seconds := b.Elapsed().Seconds()
	b.ReportMetric(float64(b.N*len(batch.Ends))/seconds, "sent/s")
	b.ReportMetric(float64(n)/seconds, "received/s")
}

// BenchmarkCut cuts what one read has brought; per message.
func BenchmarkCut(b *testing.B) {
	for _, size := range []int{48, 1400, 16000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			var batch SendBatch
			fill(&batch, size, streamReadSize)
			buf := borrow(&streamBuffers)
			n := copy(buf.data, batch.Buf)
			b.ReportAllocs()
			for range b.N {
				buf.msgs = buf.msgs[:0]
				if end, err := cut(buf, n, 1); end != n || err != nil {
					b.Fatal(end, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch.Ends)), "ns/message")
		})
	}
}
