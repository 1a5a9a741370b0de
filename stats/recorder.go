package stats

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
)

// RecorderConfig says what becomes of the records of one flow.
type RecorderConfig struct {
	Name     string // what errors call it: usually the file's name
	Output   io.Writer
	Compress bool   // into a bzip2 stream
	Every    uint64 // only the first record and then every Every-th gets a line; 0 is 1
}

// Recorder takes the records of one flow from its receiver and has its vector
// file written. Add belongs to the receiver; once it has added its last record,
// somebody calls Finish. Output is written to by one goroutine at a time, and
// not any more when Finish has returned.
type Recorder struct {
	// The receiver's.
	current []run
	full    []*slab // not handed over, because the lock was taken
	added   uint64

	w      *Writers
	config RecorderConfig
	total  atomic.Uint64 // handed over
	done   atomic.Uint64 // in the file

	// Guarded by w.mu.
	queue      []*slab
	ready      bool   // in w.ready
	formatting bool   // somebody has the formatter
	finishing  bool   // nothing more will come
	ended      bool   // the last block has its ticket
	tickets    uint64 // of the next block
	turn       uint64 // of the block that may be written
	failed     error
	finished   chan struct{} // closed when nobody writes any more
	settled    bool          // it is closed

	formatter recordFormatter // belongs to whoever has set formatting
	joiner    bitJoiner       // belongs to the worker whose turn it is
}

// NewRecorder returns a recorder whose file w writes.
func NewRecorder(w *Writers, config RecorderConfig) *Recorder {
	r := &Recorder{
		w: w, config: config,
		current:  make([]run, 0, minSlab),
		finished: make(chan struct{}),
	}
	r.formatter.vector.Every = config.Every
	w.mu.Lock()
	defer w.mu.Unlock()
	w.recorders = append(w.recorders, r)
	if w.closed {
		r.failed = ErrWritersClosed
	}
	return r
}

// Add takes the next record. It never waits, and keeps nothing of the caller's.
func (r *Recorder) Add(record Record) {
	r.added++
	last := len(r.current) - 1
	if last >= 0 && r.current[last].extends(&record) {
		r.current[last].n++
		return
	}
	if last+1 == cap(r.current) {
		r.handOver()
	}
	r.current = append(r.current, run{record, 1})
}

// handOver gives the full slab away and takes an empty one. The lock is only
// tried: a low-priority thread that holds it may have to wait for the CPU, and
// the receiver would wait with it.
func (r *Recorder) handOver() {
	size := nextSlabSize(cap(r.current), r.current[len(r.current)-1].Time-r.current[0].Time)
	r.full = append(r.full, &slab{runs: r.current, count: len(r.current)})
	if !r.w.mu.TryLock() {
		r.current = make([]run, 0, size)
		return
	}
	r.enqueue()
	r.current = r.w.slabs.get(size)
	r.w.mu.Unlock()
}

// enqueue is called with the lock by the receiver, or after its end.
func (r *Recorder) enqueue() {
	for i, s := range r.full {
		r.full[i] = nil
		if r.failed != nil {
			r.w.slabs.put(s.runs)
			continue
		}
		r.queue = append(r.queue, s)
		if err := r.w.admit(s); err != nil {
			r.fail(err)
		}
	}
	r.full = r.full[:0]
	r.total.Store(r.added)
	r.offer()
}

// offer puts the recorder where workers look, if there is anything to do for
// one. The lock is held.
func (r *Recorder) offer() {
	if r.ready || r.formatting || r.failed != nil || r.ended {
		return
	}
	if len(r.queue) > 0 || len(r.formatter.rest) > 0 || r.finishing {
		r.ready = true
		r.w.ready = append(r.w.ready, r)
		r.w.work.Signal()
	}
}

// Finish has the rest written and returns when the file is complete, or with
// the error that made it incomplete: of Output, of the file for waiting records,
// ErrWritersClosed, or ctx's if that ends first. Nothing may be added any more.
func (r *Recorder) Finish(ctx context.Context) error {
	r.w.mu.Lock()
	if !r.finishing {
		r.finishing = true
		if len(r.current) > 0 {
			r.full = append(r.full, &slab{runs: r.current, count: len(r.current)})
		}
		r.current = nil
		r.enqueue()
	}
	r.w.hurryLocked()
	r.settle()
	r.w.mu.Unlock()
	select {
	case <-r.finished:
	case <-ctx.Done():
		r.w.mu.Lock()
		r.fail(ctx.Err())
		r.settle()
		r.w.mu.Unlock()
		<-r.finished // at the latest when the blocks in work are done
	}
	if r.failed != nil {
		return fmt.Errorf("recording %s: %w", r.config.Name, r.failed)
	}
	return nil
}

// Progress returns how many records are in the file, counting those that got no
// line, and how many there are; the latter is exact after Finish has begun.
func (r *Recorder) Progress() (written, total uint64) {
	return r.done.Load(), r.total.Load()
}

// fail keeps the first error and gives up what waits. The lock is held.
func (r *Recorder) fail(err error) {
	if r.failed != nil || r.settled {
		return
	}
	r.failed = err
	for _, s := range r.queue {
		r.w.discard(s)
	}
	r.queue = nil
	if !r.formatting {
		r.dropSlab()
	}
}

// settle wakes Finish when nobody works for it any more. The lock is held.
func (r *Recorder) settle() {
	over := r.failed != nil || r.ended
	if over && r.finishing && !r.formatting && r.turn == r.tickets && !r.settled {
		r.settled = true
		close(r.finished)
	}
}
