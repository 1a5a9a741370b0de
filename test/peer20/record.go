package peer20

import (
	"errors"
	"fmt"
	"sync"
)

// Counts are totals of one direction of a flow.
type Counts struct {
	Bytes, Messages, Frames uint64
}

// FlowRecord is what happened on one flow, seen from this peer.
type FlowRecord struct {
	Add      AddFlow
	Sent     Counts // whole messages that the transport took
	Cut      int    // bytes of a message that the end of the stream cut short, not in Sent
	Failed   uint64 // sends that failed on purpose: their sequence numbers are used up
	Received Counts
	CutIn    int // bytes of a cut message at the end of what came in
	EndSeen  bool
	Vector   []byte // active role: the flow's vector file as it came in
}

// ControlMessage is one message on the control channel.
type ControlMessage struct {
	Sent bool // by this peer
	Raw  []byte
}

// Record is all that a measurement left behind. Flows are in the order of their ADD_FLOWs.
type Record struct {
	Measurement uint64
	StartFlags  uint8
	Flows       []*FlowRecord
	Control     []ControlMessage
	Vector      []byte // active role: global vector file and scalar file of the passive side
	Scalar      []byte
}

// recorder guards a record while a measurement runs and keeps the first problem.
type recorder struct {
	mu       sync.Mutex
	record   Record
	problems []error
	failed   chan struct{} // closed at the first problem
}

func newRecorder() *recorder { return &recorder{failed: make(chan struct{})} }

// violation notes what the counterpart did wrong.
func (r *recorder) violation(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.problems) == 0 {
		close(r.failed)
	}
	if len(r.problems) < 20 {
		r.problems = append(r.problems, fmt.Errorf(format, args...))
	}
}

func (r *recorder) control(sent bool, raw []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.record.Control = append(r.record.Control, ControlMessage{sent, raw})
}

func (r *recorder) err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return errors.Join(r.problems...)
}
