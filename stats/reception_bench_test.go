package stats

import (
	"math/rand/v2"
	"testing"
	"time"

	"netperfmeter/wire"
)

// benchmarkAccount runs messages of 1400 bytes in frames of n, of which each
// numbered 100th is skipped if lossy; delays vary if jittery, or are equal for
// batches of 64 messages as a saturated sender's.
func benchmarkAccount(b *testing.B, n int, lossy, jittery bool) {
	random := rand.New(rand.NewPCG(1, 1))
	delays := make([]int64, 1<<14)
	for i := range delays {
		delays[i] = 50 + int64(100*random.ExpFloat64())
	}
	r := NewReception(0, 0)
	r.WatchGaps(GapConfig{Threshold: 100 * time.Millisecond})
	a := Arrival{Length: 1400, Time: 1_800_000_000_000_000}
	b.ReportAllocs()
	b.ResetTimer()
	seq, position := 0, 0
	for i := range b.N {
		if lossy && i%100 == 99 {
			if position++; position == n {
				position = 0
				a.Frame++
			}
			seq++
		}
		if jittery || i%64 == 0 {
			a.Time += 10
			delay := delays[i&(len(delays)-1)]
			if !jittery {
				delay = delays[i>>6&(len(delays)-1)]
			}
			a.Sent = a.Time - delay
		}
		a.Seq, a.ByteSeq = wire.Seq(seq), 1400*uint64(seq)
		a.First, a.Last = position == 0, position == n-1
		if _, ok := r.Account(&a); !ok {
			b.Fatal("not received")
		}
		seq++
		if position++; position == n {
			position = 0
			a.Frame++
		}
	}
}

func BenchmarkAccount(b *testing.B) {
	b.Run("frames=1", func(b *testing.B) { benchmarkAccount(b, 1, false, false) })
	b.Run("frames=20", func(b *testing.B) { benchmarkAccount(b, 20, false, false) })
	b.Run("frames=1/loss", func(b *testing.B) { benchmarkAccount(b, 1, true, false) })
	b.Run("frames=20/loss", func(b *testing.B) { benchmarkAccount(b, 20, true, false) })
	b.Run("frames=1/jitter", func(b *testing.B) { benchmarkAccount(b, 1, false, true) })
	b.Run("frames=20/jitter/loss", func(b *testing.B) { benchmarkAccount(b, 20, true, true) })
}
