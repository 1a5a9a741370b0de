package passive

import (
	"fmt"
	"math"
	"os"
	"time"

	"netperfmeter/sys"
)

// Limit is something that a passive side grants so much of, and no more.
type Limit int

// The limits. LimitTable says what each is.
const (
	MaxMeasurements Limit = iota
	MaxClientMeasurements
	MaxFlows
	MaxClientFlows
	MaxDescriptors
	MaxClientDescriptors
	MaxEvents
	MaxClientEvents
	MaxFlowRate
	MaxUDPRate
	MaxTotalRate
	MaxRuntime
	MaxMessageSize
	MaxBuffer
	MaxResults
	MaxClientResults
	MaxMemory
	MaxBodies
	MaxClientBodies
	MaxUnidentified
	MaxClientUnidentified
	MaxUnidentifiedTime
	MaxSilence
	numLimits
)

// Unit is what a limit is counted in.
type Unit string

// The units.
const (
	Number        Unit = "number"
	Bytes         Unit = "bytes"
	BitsPerSecond Unit = "bit/s"
	Seconds       Unit = "seconds"
)

// NoLimit is the value of a limit that does not limit.
const NoLimit = math.MaxInt64

// Limits are the values of all limits; 0 stands for the default.
type Limits [numLimits]int64

// LimitInfo describes a limit.
type LimitInfo struct {
	Name    string
	Unit    Unit
	Default int64 // 0: computed when the passive side starts
	Meaning string
}

// limitTable is in the order of the constants. The defaults disturb no lab:
// they keep one client, or many that are idle, from taking everything.
var limitTable = [numLimits]LimitInfo{
	{"measurements", Number, 1024, "measurements at a time"},
	{"client-measurements", Number, 256, "measurements at a time of one client"},
	{"flows", Number, 65536, "flows at a time"},
	{"client-flows", Number, 16384, "flows at a time of one client"},
	{"descriptors", Number, 0, "connections and temporary files of measurements (default: 85 % of the descriptors)"},
	{"client-descriptors", Number, 0, "the same of one client (default: 95 % of descriptors)"},
	{"events", Number, 4_000_000, "times in the on/off lists of all flows"},
	{"client-events", Number, 1_000_000, "the same of one client"},
	{"flow-rate", BitsPerSecond, NoLimit, "what this side sends on one flow"},
	{"udp-rate", BitsPerSecond, NoLimit, "what this side sends on one UDP flow"},
	{"total-rate", BitsPerSecond, NoLimit, "what this side sends on all flows together"},
	{"runtime", Seconds, 30 * 86400, "from START to STOP, and again from STOP until the results are fetched"},
	{"message-size", Bytes, 65535, "the longest message of a flow"},
	{"buffer", Bytes, 1_000_000_000, "each socket buffer that a flow asks for"},
	{"results", Bytes, 0, "temporary files for results (default: three quarters of what is free at the start, 16M at least)"},
	{"client-results", Bytes, 0, "the same of one client (default: half of results)"},
	{"memory", Bytes, 256_000_000, "records of one measurement that wait in memory to be written"},
	{"bodies", Bytes, 64_000_000, "messages between programs of this project that have not come in whole"},
	{"client-bodies", Bytes, 16_000_000, "the same of one client"},
	{"unidentified", Number, 0, "connections that have not said what they are for, for control and for data each; the oldest one makes room (default: a sixteenth of the descriptors, 64 to 4096)"},
	{"client-unidentified", Number, 256, "the same of one client"},
	{"unidentified-time", Seconds, 60, "how long a connection may stay so"},
	{"silence", Seconds, 600, "how long a control connection with flows may say nothing before START and after STOP"},
}

// LimitTable lists the limits, in the order of the constants.
func LimitTable() []LimitInfo { return limitTable[:] }

// leastResults is the smallest default for results: a disk with less free has
// too little to share, and says itself when it is full.
const leastResults = 16_000_000

// The default for unidentified connections is within these. The kernel's own
// queue of connections to accept has 4096 places (somaxconn): with fewer here
// one full queue behind it would push out a client that has just connected.
const (
	leastUnidentified = 64
	mostUnidentified  = 4096
)

// withDefaults fills in what is 0. dir is where temporary files go.
func (l Limits) withDefaults(dir string) Limits {
	for i := range l {
		if l[i] == 0 {
			l[i] = limitTable[i].Default
		}
	}
	l.shareDescriptors()
	if l[MaxResults] == 0 {
		l[MaxResults] = NoLimit
		if dir == "" {
			dir = os.TempDir()
		}
		if free, err := sys.FreeSpace(dir); err == nil {
			l[MaxResults] = max(int64(min(free/4*3, NoLimit)), leastResults)
		}
	}
	if l[MaxClientResults] == 0 {
		l[MaxClientResults] = l[MaxResults]
		if l[MaxResults] != NoLimit {
			l[MaxClientResults] = l[MaxResults] / 2
		}
	}
	return l
}

// shareDescriptors gives the newcomers for control and for data a sixteenth
// each, the measurements most of the rest, and keeps some for listeners, logs
// and the like: whoever comes can then be told that there is no more.
func (l *Limits) shareDescriptors() {
	descriptors, err := sys.DescriptorLimit()
	if err != nil {
		descriptors = NoLimit
	}
	if l[MaxUnidentified] == 0 {
		l[MaxUnidentified] = int64(min(max(descriptors/16, leastUnidentified), mostUnidentified))
	}
	if l[MaxDescriptors] == 0 {
		l[MaxDescriptors] = int64(min(descriptors-descriptors/20*3, NoLimit))
	}
	if l[MaxClientDescriptors] == 0 {
		l[MaxClientDescriptors] = l[MaxDescriptors] - l[MaxDescriptors]/20
	}
}

// duration is a limit of time.
func (l *Limits) duration(limit Limit) time.Duration {
	if l[limit] > int64(math.MaxInt64/time.Second) {
		return math.MaxInt64
	}
	return time.Duration(l[limit]) * time.Second
}

// exceeded is the error of a request for more than there is. asked says for
// how much, in words.
func (l *Limits) exceeded(limit Limit, asked string) error {
	return &LimitError{Limit: limit, Value: l[limit], Asked: asked}
}

// LimitError says that a request goes beyond a limit.
type LimitError struct {
	Limit Limit
	Value int64  // of the limit, in its unit
	Asked string // what was asked for
}

// refusal is the reason that it counts as.
func (e *LimitError) refusal() Refusal {
	if e.Limit == MaxUnidentifiedTime || e.Limit == MaxSilence {
		return Silent
	}
	return Limited
}

func (e *LimitError) Error() string {
	info := limitTable[e.Limit]
	return fmt.Sprintf("%s: limit %s=%d (%s, %s)", e.Asked, info.Name, e.Value, info.Unit, info.Meaning)
}
