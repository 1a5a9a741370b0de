// Package active is the side that asks: it connects to a passive side, adds
// flows, runs the measurement, and collects the results of both sides.
//
// Run does all of that in the calling goroutine, beside one goroutine for each
// flow's data channel, one that watches the control channel, and those of
// package flow. What arrives on the channels of many flows is read by those of
// a flow.Together. It returns when all of them have ended.
package active

import (
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/stats"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// The ways in which a measurement can fail. Errors of Run are one of them
// (errors.Is), except for mistakes in the configuration.
var (
	ErrUnreachable = errors.New("passive side not reached") // or lost later
	ErrRefused     = errors.New("flow refused")             // by the passive side or by this kernel
	ErrRequirement = errors.New("requirement not met")
	ErrAborted     = errors.New("flow aborted")       // its data channel broke
	ErrResults     = errors.New("results incomplete") // or not writable
)

// ErrDeadline is in an error's chain, beside one of those, when the time that
// Config.Deadline gave was over.
var ErrDeadline = errors.New("the deadline has passed")

// FlowConfig is one flow to measure.
type FlowConfig struct {
	Spec  traffic.FlowSpec
	Local []netip.Addr // addresses to send from; none: the system's choice
}

// Config describes a measurement.
type Config struct {
	Remote  netip.Addr // of the passive side, with its zone
	Ports   control.Ports
	Control wire.Protocol // of the control channel: TCP, MPTCP or SCTP
	// ControlFallback has TCP tried where nothing answers over SCTP.
	ControlFallback bool
	LocalControl    []netip.Addr
	V6Only          bool
	Flows           []FlowConfig
	Runtime         time.Duration // 0: until the context ends
	Omit            time.Duration // a warm-up at the start, not part of the results
	// Deadline ends everything that waits for the network: set-up, run and the
	// transfer of results. What this side has measured is kept. Zero: none.
	Deadline time.Time
	// ConnectTimeout bounds the connecting of the control channel, 0: 30 s.
	ConnectTimeout time.Duration
	// PeerTimeout is how long a passive side that gives no sign of life is waited
	// for once the measurement runs, 0: channels.DefaultPeerTimeout.
	PeerTimeout time.Duration
	// RequireMPTCP makes it an error (ErrRequirement) that an MPTCP flow has
	// fallen back to TCP: before the run, or with its results.
	RequireMPTCP bool
	// Detailed keeps the intervals and the scalars for the Report.
	Detailed    bool
	PeerVersion control.PeerVersion
	// Key, if not nil, is proven to the passive side, which has to prove the
	// same: before any flow is added, if it has the key, and else there is none.
	Key control.Key

	// ConfigFile is written as named; ScalarFile and VectorFile are patterns
	// (stats.Names). "": not wanted.
	ConfigFile, ScalarFile, VectorFile string
	ActiveName, PassiveName            string

	Seed        uint64
	Batch       int           // messages per call at most, 0: no bound
	VectorEvery int           // every n-th message gets a line, 0: each
	Interval    time.Duration // between statistics events, 0: one second
	Timer       flow.Timer
	Offloads    channels.Offloads
	// CorrectDelays takes the difference of the clocks out of delays.
	CorrectDelays flow.Correction
	TempDir       string // for records that memory cannot keep, "": the system's
	Log           *slog.Logger
	Progress      func(Progress) // called from one goroutine at a time; may be nil
	Event         func(Event)    // called by one goroutine at a time; may be nil
}

// Phase is what a measurement is doing.
type Phase string

// The phases, in their order.
const (
	SettingUp  Phase = "setting up"
	Measuring  Phase = "measuring"
	Collecting Phase = "collecting results"
)

// Progress is what a measurement has reached.
type Progress struct {
	Phase              Phase
	Elapsed, Remaining time.Duration // Remaining < 0: it has no planned end
	Flows              int
	Writing            flow.Writing // while results are collected
	flow.Progress
}

// Report is what was measured, and what was to be where nothing was.
type Report struct {
	Flows       []FlowReport
	Seed        uint64
	Measurement wire.MeasurementID
	Connected   bool          // the control channel stood
	Control     wire.Protocol // that it used; 0: it never stood
	Foreign     bool          // the passive side has shown itself to be another program
	Started     bool          // the measurement began: there is something to show
	// First and Last are the first statistics event, after a warm-up, and the
	// end of the measurement, in microseconds since the epoch.
	First, Last int64
	// Joined says that Intervals are longer than Config.Interval, since there
	// were too many to keep.
	Joined      bool
	Clock       *stats.ClockResult // nil: not known, as with a reference peer
	Interrupted bool               // ended before its planned run time
	Warnings    []string           // what the user should know about the figures
	Files       []string           // the result files that were written
	// Active and Passive are the lines of both sides' scalar files, the own
	// ones only with Config.Detailed; nil: unknown.
	Active, Passive stats.ScalarFile
	// ActiveHost and PassiveHost are what the two hosts said of themselves at
	// set-up; a reference peer's is nil.
	ActiveHost, PassiveHost *channels.Environment
	PassiveVersion          string // of a program of ours; "": unknown

	own  *timeline
	peer *peerTimeline
}

// FlowReport is one flow's part of a Report.
type FlowReport struct {
	ID          wire.FlowID
	Stream      wire.StreamID
	Description string
	Protocol    wire.Protocol
	Spec        traffic.FlowSpec
	// Local and Remote are the addresses of the data channel; not valid if it
	// never stood.
	Local, Remote netip.AddrPort
	Outgoing      DirectionReport // active to passive
	Incoming      DirectionReport
	Transport     TransportReport
}

// Direction is one of the two.
func (f *FlowReport) Direction(outgoing bool) *DirectionReport {
	if outgoing {
		return &f.Outgoing
	}
	return &f.Incoming
}

// TransportReport is what really ran under a flow.
type TransportReport struct {
	// Active and Passive are what the kernels of the two ends said at last.
	// nil: unknown, as a reference peer's.
	Active, Passive *channels.State
	// Verdict says it in words; "" where there is nothing to say (UDP).
	Verdict string
	// FellBack: MPTCP was asked for, and TCP ran, from the start or later.
	FellBack bool
}

// DirectionReport is what happened in one direction of a flow. Figures of the
// receiver that are not known are NaN, or zero with Known false.
type DirectionReport struct {
	Idle     bool // nothing was to be sent
	Known    bool // the receiver's figures are there
	NoLoss   bool // but not its loss: a reference does not say it per flow
	Sent     stats.Counts
	Received stats.Counts
	Lost     stats.Counts
	Late     uint64 // messages
	Twice    uint64 // messages that came again
	// BitRate and FrameRate are the receiver's, per second, from the first to
	// the last message.
	BitRate, FrameRate float64
	// Delays and the jitter are milliseconds.
	DelayMean, DelayMedian, Delay99, DelayMax, Jitter float64
	Gaps                                              GapsReport
	Sending                                           SendingReport
}

// SendingReport is how well the sender of a direction kept to its plan.
type SendingReport struct {
	Skipped uint64 // frames given up after stalls of more than a second
	Dropped uint64 // datagrams that the sender's own network layer refused
	// Configured and Achieved are frames/s, 0 where there is no steady rate.
	Configured, Achieved float64
	Blocked              float64 // ms that due frames waited for the transport
	// LatenessMedian, Lateness99 and LatenessMax are how late frames were
	// handed to the transport, in ms; NaN where that is not known.
	LatenessMedian, Lateness99, LatenessMax float64
}
