package flow

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"netperfmeter/channels"
	"netperfmeter/stats"
	"netperfmeter/sys"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// Timer says how exactly planned frames are sent.
type Timer int

// The timers.
const (
	Precise    Timer = iota // wakes early and spins up to the planned instant
	Economical              // sleeps only
)

// preciseSpin is how long a precise pacer polls the clock before each planned
// instant: about what the kernel needs to wake a thread. It costs this much
// CPU time per frame at most.
const preciseSpin = 60 * time.Microsecond

// DefaultInterval is the time between two statistics events where nothing else
// is asked for.
const DefaultInterval = time.Second

// Config describes one side's part of a measurement.
type Config struct {
	Passive     bool // this is the passive side
	Seed        uint64
	Interval    time.Duration // between statistics events, 0: one second
	VectorEvery int           // every n-th message gets a line in its vector, 0: each
	Batch       int           // messages per call at most, 0: no bound
	Runtime     time.Duration // nothing that is planned for later is sent; 0: no end
	Omit        time.Duration // a warm-up at the start that is not part of the results
	Timer       Timer
	TempDir     string // where records go that memory cannot keep
	// MemoryMax is how many bytes of records wait in memory at most, 0: the
	// default of stats. Reserve, if not nil, is asked before the temporary file
	// takes so many bytes more.
	MemoryMax int
	Reserve   func(bytes int64) error
	WallClock func() int64 // nanoseconds since the epoch; nil: the system's
	Log       *slog.Logger
	Progress  func(Progress)          // called at each statistics event; may be nil
	Event     func(stats.GlobalEvent) // the same with all flows' counters, which it must not keep; may be nil
	Failed    func(*Flow, error)      // called when a flow's sending ends with an error
}

// Vector is where a vector file goes. The zero value: no file.
type Vector struct {
	Name     string // what errors call it
	File     io.Writer
	Compress bool
	// Transport asks for the flow's transport vector as well, see
	// Flow.TransportText.
	Transport bool
	Done      func(error) // is called once, when the file is complete or has failed
}

// Flow is one flow of a measurement as one side sees it.
type Flow struct {
	wire.Key
	Spec     traffic.FlowSpec // Outgoing is what this side sends
	Receiver *Receiver

	conn      channels.Conn
	follower  *channels.Follower   // of conn
	transport *stats.TransportText // nil: not wanted
	recorder  *stats.Recorder      // nil: no vector
	done      func(error)
	sender    *Sender   // nil: nothing to send, or not started
	offTimes  *offTimes // of the peer's sender; nil: it is always on, or they are not known
}

// Sent returns a copy of what the flow has sent.
func (f *Flow) Sent() stats.SentStats {
	if f.sender == nil {
		return stats.SentStats{}
	}
	return f.sender.Stats()
}

// clockSet tells the flow that the wall clock was set.
func (f *Flow) clockSet(step time.Duration) {
	f.Receiver.clockSet(step)
	if f.sender != nil {
		f.sender.clockSet(step)
	}
}

// Measurement is one side's part of a measurement: its flows, the goroutines
// that send on them, and the statistics while it runs. Its methods are called
// by one goroutine at a time, but for Add, which may overlap with any.
type Measurement struct {
	cfg        Config
	writers    *stats.Writers
	transports *stats.TransportLog

	mu    sync.Mutex // guards flows
	flows []*Flow

	sending    *sending
	statistics *statistics
	cpu        cpuWatch
	peerEnd    int64 // when the peer's senders ended, microseconds since the epoch; 0: unknown
}

// NewMeasurement makes a measurement without flows.
func NewMeasurement(cfg Config) *Measurement {
	if cfg.Interval == 0 {
		cfg.Interval = DefaultInterval
	}
	writers := stats.NewWriters(stats.WritersConfig{
		TempDir: cfg.TempDir, MemoryMax: cfg.MemoryMax, Reserve: cfg.Reserve, Log: cfg.Log,
	})
	return &Measurement{cfg: cfg, writers: writers, transports: stats.NewTransportLog(cfg.TempDir, cfg.Reserve)}
}

// Add makes a flow of an identified channel. What its Receiver is given counts
// from now on; sending begins with Start. The channel stays the caller's to
// close, after the measurement has ended.
func (m *Measurement) Add(key wire.Key, spec traffic.FlowSpec, conn channels.Conn, vector Vector) *Flow {
	f := &Flow{Key: key, Spec: spec, conn: conn, done: vector.Done}
	f.follower = channels.Follow(conn, spec.Protocol, spec.SndBuf, spec.RcvBuf)
	_ = f.follower.Look() // one that has been closed already has nothing to say
	if vector.Transport {
		f.transport = m.transports.Flow()
	}
	if vector.File != nil {
		f.recorder = stats.NewRecorder(m.writers, stats.RecorderConfig{
			Name: vector.Name, Output: vector.File, Compress: vector.Compress, Every: uint64(m.cfg.VectorEvery),
		})
	}
	f.Receiver = NewReceiver(key, spec.DefragTimeout, f.recorder)
	m.mu.Lock()
	m.flows = append(m.flows, f)
	m.mu.Unlock()
	return f
}

// Remove takes a flow out of a measurement that has not started.
func (m *Measurement) Remove(f *Flow) {
	m.mu.Lock()
	for i, other := range m.flows {
		if other == f {
			m.flows = append(m.flows[:i:i], m.flows[i+1:]...)
			break
		}
	}
	m.mu.Unlock()
	m.finishVector(f)
}

// Start begins to send on all flows and to take statistics. global is the
// global vector file.
func (m *Measurement) Start(global Vector) {
	clock := m.clock()
	begin, omit := stats.Microseconds(clock.Realtime()), int64(0)
	if m.cfg.Omit > 0 {
		omit = begin + m.cfg.Omit.Microseconds()
	}
	var senders []*Sender
	owner := make(map[*Sender]*Flow)
	for _, f := range m.Flows() {
		if omit != 0 {
			f.Receiver.omit(omit)
		}
		if f.offTimes != nil {
			f.Receiver.planBegins(f.offTimes, begin)
		}
		if f.Spec.Outgoing.Idle() {
			continue
		}
		f.sender = NewSender(SenderConfig{
			Key: f.Key, Passive: m.cfg.Passive, Spec: f.Spec, Conn: f.conn,
			Sources: m.sources(f.Key), Batch: m.cfg.Batch, Until: m.cfg.Runtime, Omit: omit, Clock: clock,
		})
		senders = append(senders, f.sender)
		owner[f.sender] = f
	}
	m.sending = startSending(senders, clock, clock.Monotonic(), func(s *Sender, err error) {
		m.cfg.Failed(owner[s], fmt.Errorf("sending: %w", err))
	})
	m.statistics = startStatistics(m, global, omit)
	for _, f := range m.Flows() {
		f.Receiver.begin(m.statistics.first)
	}
	m.writers.Start(m.statistics.first)
}

// wallClock is the system's, unless a test has another one.
func (m *Measurement) wallClock() func() int64 {
	if m.cfg.WallClock != nil {
		return m.cfg.WallClock
	}
	return sys.Realtime
}

// clock is the system's, with the wait that the timer asks for.
func (m *Measurement) clock() Clock {
	spin := preciseSpin
	if m.cfg.Timer == Economical {
		spin = 0
	}
	return Clock{Monotonic: sys.Monotonic, Realtime: m.wallClock(), Until: sys.NewSleeper(spin).Until}
}

// sources gives a flow's direction its own random values: independent of all
// others, and the same again with the same seed.
func (m *Measurement) sources(key wire.Key) traffic.Sources {
	return traffic.NewSources(m.cfg.Seed, key.Flow, key.Stream, !m.cfg.Passive)
}

// Flows returns the flows in the order in which they were added.
func (m *Measurement) Flows() []*Flow {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*Flow(nil), m.flows...)
}

// StopSending ends all senders and returns when they have ended.
func (m *Measurement) StopSending() {
	m.statistics.halt()
	m.cpu.end()
	m.sending.stop()
}

// Sent returns what was sent on every flow.
func (m *Measurement) Sent() map[wire.Key]stats.Counts {
	sent := make(map[wire.Key]stats.Counts)
	for _, f := range m.Flows() {
		sent[f.Key] = f.Sent().Counts
	}
	return sent
}

// Close ends the counting, with the last statistics event. final is what the
// peer has sent on each flow, as far as that is known. The vectors are
// completed in the background: each calls its Done.
func (m *Measurement) Close(final map[wire.Key]*stats.Counts) {
	end := m.statistics.wallEnd
	if m.peerEnd != 0 {
		end = min(end, m.peerEnd)
	}
	for _, f := range m.Flows() {
		f.Receiver.Close(final[f.Key], end)
	}
	m.statistics.end()
	for _, f := range m.Flows() {
		go m.finishVector(f)
	}
}

// finishVector completes the flow's vector file.
func (m *Measurement) finishVector(f *Flow) {
	if f.recorder != nil {
		f.done(f.recorder.Finish(context.Background()))
	}
}

// Abandon ends the measurement wherever it stands and drops what is recorded.
// It returns when every goroutine has ended.
func (m *Measurement) Abandon() {
	if m.sending != nil {
		m.sending.stop()
	}
	if m.statistics != nil {
		m.statistics.end()
	}
	m.writers.Close()
	m.transports.Close()
}
