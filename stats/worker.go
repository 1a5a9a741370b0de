package stats

import (
	"runtime"
	"time"

	"netperfmeter/sys"
)

// workerMemory is what a worker uses again and again.
type workerMemory struct {
	text    []byte
	encoder blockEncoder
	joined  []byte
}

// worker writes blocks until there is nothing more to come; one of low priority
// only until the run is over.
func (w *Writers) worker(low bool) {
	defer w.wg.Done()
	var gate *idleGate
	if low {
		// The thread is not unlocked: it cannot get its priority back, and
		// ends with this goroutine.
		runtime.LockOSThread()
		if err := sys.LowPriority(); err != nil {
			w.config.Log.Warn("Vectors are written at normal priority", "error", err)
		}
		gate = w.idle()
	}
	memory := workerMemory{text: make([]byte, 0, bzip2BlockSize)}
	for {
		r := w.take(gate)
		if r == nil {
			return
		}
		w.writeBlock(r, &memory)
	}
}

// take waits for a recorder with something to do, nil at the end. With a gate
// it also waits for that.
func (w *Writers) take(gate *idleGate) *Recorder {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		if w.closed || gate != nil && w.hurried {
			return nil
		}
		if len(w.ready) == 0 {
			w.work.Wait()
			continue
		}
		if gate != nil {
			w.mu.Unlock()
			open := gate.open() || w.pause()
			w.mu.Lock()
			if !open || len(w.ready) == 0 || w.hurried {
				continue
			}
		}
		r := w.ready[0]
		w.ready[0] = nil
		w.ready = w.ready[1:]
		r.ready = false
		if r.failed == nil {
			r.formatting = true
			if w.started {
				r.formatter.vector.Base = w.base
			}
			return r
		}
	}
}

// pause waits until the gate may have changed. It returns false.
func (w *Writers) pause() bool {
	timer := time.NewTimer(gateInterval)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.hurry:
	}
	return false
}

// writeBlock formats one block of the recorder's text, lets the next worker
// begin with the one after it, compresses it, and writes it when it is its turn.
func (w *Writers) writeBlock(r *Recorder, m *workerMemory) {
	var records uint64
	m.text, records = r.format(m.text[:0])

	w.mu.Lock()
	r.formatting = false
	if r.failed != nil {
		r.dropSlab()
	}
	ticket := r.tickets
	r.tickets++
	last := r.finishing && len(r.queue) == 0 && len(r.formatter.rest) == 0
	r.ended = r.ended || last
	r.offer()
	w.mu.Unlock()

	var block bitBlock
	if r.config.Compress && len(m.text) > 0 {
		block = m.encoder.encode(m.text)
	}

	w.mu.Lock()
	for r.turn != ticket {
		w.moved.Wait()
	}
	failed := r.failed != nil
	w.mu.Unlock()

	var err error
	if !failed {
		err = r.write(m, block, last)
	}
	if err == nil && !failed {
		r.done.Add(records)
	}

	w.mu.Lock()
	if err != nil {
		r.fail(err)
	}
	r.turn++
	r.settle()
	w.moved.Broadcast()
	w.mu.Unlock()
}

// write writes one block. It is this worker's turn.
func (r *Recorder) write(m *workerMemory, block bitBlock, last bool) error {
	out := m.text
	if r.config.Compress {
		m.joined = m.joined[:0]
		if block.n > 0 {
			m.joined = r.joiner.join(m.joined, block)
		}
		if last {
			m.joined = r.joiner.finish(m.joined)
		}
		out = m.joined
	}
	if len(out) == 0 {
		return nil
	}
	_, err := r.config.Output.Write(out)
	return err
}
