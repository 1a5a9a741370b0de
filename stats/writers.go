package stats

import (
	"errors"
	"log/slog"
	"runtime"
	"sync"

	"netperfmeter/sys"
)

// WritersConfig says how the vectors of a measurement are written. Zero values
// stand for the defaults.
type WritersConfig struct {
	TempDir string // for records that memory cannot keep; the system's
	// MemoryLimit is how many bytes of records wait in memory, of all flows
	// together; more go to a temporary file. 16 MiB, or a 16th of MemoryMax
	// if that is less.
	MemoryLimit int
	// MemoryMax is where flows fail because the temporary file cannot take
	// what comes. 16 times MemoryLimit.
	MemoryMax int
	// Reserve, if not nil, is asked before the temporary file grows by so many
	// bytes. An error keeps the records in memory, as a full disk does. The
	// room is free again when the Writers are closed.
	Reserve func(bytes int64) error
	// Workers is how many threads write after the run, each with 2 MB of
	// memory: one for each CPU, at most 8. During the run it is a quarter of
	// them, at least one.
	Workers int
	Log     *slog.Logger // nothing is logged
}

const (
	defaultMemoryLimit = 16 << 20
	defaultMaxFactor   = 16
	defaultMaxWorkers  = 8
)

// ErrWritersClosed is the error of recorders that were not finished when their
// Writers were closed.
var ErrWritersClosed = errors.New("closed before everything was written")

// Writers are the threads that turn the records of a measurement's flows into
// vector files, and the memory and the file where records wait.
//
// From Start to Hurry they run at low priority and only while a CPU is idle,
// since recording must not disturb what is recorded. A worker takes one block,
// 64 KiB of text, of one flow at a time: one worker formats a flow, while
// others may still compress its earlier blocks; they write in turn.
type Writers struct {
	config WritersConfig
	idle   func() *idleGate // a new gate for each thread; a field for tests

	wg      sync.WaitGroup
	hurry   chan struct{} // closed with hurried or closed
	mu      sync.Mutex    // guards everything below and the recorders' shared part
	work    sync.Cond     // ready, hurried or closed has changed
	moved   sync.Cond     // a turn has passed, or a slab is on disk
	toSpill sync.Cond     // spills or closed has changed

	base      int64
	started   bool
	hurried   bool
	closed    bool
	recorders []*Recorder
	ready     []*Recorder // have records and nobody who formats them

	slabs      slabPool
	memory     int // bytes of slabs on their way
	spill      spillFile
	spills     []*slab // for the spiller, in order
	spillError error   // no further slab is spilled
	spiller    bool    // runs
}

// NewWriters returns the writers of one measurement. Nothing runs before Start,
// Hurry or the first spilling; Close ends it.
func NewWriters(config WritersConfig) *Writers {
	if config.MemoryLimit <= 0 {
		config.MemoryLimit = defaultMemoryLimit
		if config.MemoryMax > 0 {
			config.MemoryLimit = min(config.MemoryLimit, config.MemoryMax/defaultMaxFactor)
		}
	}
	if config.MemoryMax <= 0 {
		config.MemoryMax = defaultMaxFactor * config.MemoryLimit
	}
	if config.Workers <= 0 {
		config.Workers = min(runtime.NumCPU(), defaultMaxWorkers)
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	w := &Writers{
		config: config,
		idle:   func() *idleGate { return &idleGate{read: sys.ReadCPU} },
		hurry:  make(chan struct{}),
		slabs:  slabPool{limit: config.MemoryLimit},
		spill:  spillFile{dir: config.TempDir, reserve: config.Reserve},
	}
	w.work.L, w.moved.L, w.toSpill.L = &w.mu, &w.mu, &w.mu
	return w
}

// Start lets the writing begin. base is where the vectors' RelTime begins: the
// first statistics event, in microseconds since the epoch. Records may come
// before.
func (w *Writers) Start(base int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.started || w.hurried || w.closed {
		return
	}
	w.base, w.started = base, true
	w.run(max(1, w.config.Workers/4), true)
}

// Hurry tells that the run is over: from now on the writing has the threads and
// the priority that it can use. Finish implies it.
func (w *Writers) Hurry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hurryLocked()
}

func (w *Writers) hurryLocked() {
	if w.hurried || w.closed {
		return
	}
	w.hurried = true
	close(w.hurry)
	w.run(w.config.Workers, false)
	w.work.Broadcast()
}

func (w *Writers) run(workers int, low bool) {
	w.wg.Add(workers)
	for range workers {
		go w.worker(low)
	}
}

// Progress returns how many records of all flows are in their files, and how
// many there are. During a run the latter lags by what the receivers have not
// handed over yet.
func (w *Writers) Progress() (written, total uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.recorders {
		if r.failed == nil {
			done, all := r.Progress()
			written, total = written+done, total+all
		}
	}
	return written, total
}

// Close ends all goroutines, at the latest after the block that each is at.
// Recorders that are not finished fail with ErrWritersClosed.
func (w *Writers) Close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		if !w.hurried {
			close(w.hurry)
		}
		w.work.Broadcast()
		w.toSpill.Broadcast()
	}
	w.mu.Unlock()
	w.wg.Wait()

	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range w.recorders {
		r.fail(ErrWritersClosed)
		r.settle()
	}
	w.spill.close()
}

// admit accounts for a slab that a receiver has handed over, and decides where
// it waits. The oldest slabs stay in memory, where they will be needed first.
func (w *Writers) admit(s *slab) error {
	w.memory += slabBytes(s.runs)
	switch {
	case w.memory > w.config.MemoryMax && w.spillError != nil:
		return w.spillError
	case w.memory > w.config.MemoryMax:
		return errors.New("records come faster than a temporary file can take them")
	case w.memory > w.config.MemoryLimit && w.spillError == nil && !w.closed:
		s.state = spilling
		w.spills = append(w.spills, s)
		if !w.spiller {
			w.spiller = true
			w.wg.Add(1)
			go w.spillSlabs()
		}
		w.toSpill.Signal()
	}
	return nil
}

// discard frees a slab, wherever it is.
func (w *Writers) discard(s *slab) {
	switch s.state {
	case inMemory:
		w.recycle(s.runs)
	case onDisk:
		w.spill.release(s.slot)
	case spilling:
		s.state = dropped
	}
}

// recycle takes back memory that admit or load has counted.
func (w *Writers) recycle(runs []run) {
	w.memory -= slabBytes(runs)
	w.slabs.put(runs)
}
