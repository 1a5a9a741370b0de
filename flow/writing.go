package flow

import "time"

// Writing is how far the vector files are after a measurement.
type Writing struct {
	Written, Total uint64        // records
	Left           time.Duration // at the speed so far; < 0: unknown
}

// writingPeriod is the time between two looks at the writing.
const writingPeriod = time.Second

// WatchWriting tells once a second how far the vectors are, until stop is
// called, which returns when tell will not be called any more.
func (m *Measurement) WatchWriting(tell func(Writing)) (stop func()) {
	stopping, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		begin := time.Now()
		already, _ := m.writers.Progress()
		ticker := time.NewTicker(writingPeriod)
		defer ticker.Stop()
		for {
			select {
			case <-stopping:
				return
			case <-ticker.C:
			}
			written, total := m.writers.Progress()
			tell(Writing{Written: written, Total: total, Left: timeLeft(written-already, total-written, time.Since(begin))})
		}
	}()
	return func() {
		close(stopping)
		<-stopped
	}
}

// timeLeft expects the rest to go as fast as what was done in a time.
func timeLeft(done, rest uint64, took time.Duration) time.Duration {
	if done == 0 {
		return -1
	}
	return time.Duration(float64(took) * float64(rest) / float64(done)).Round(time.Second)
}
