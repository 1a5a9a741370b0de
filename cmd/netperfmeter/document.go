package main

import (
	"encoding/json"
	"math"

	"netperfmeter/channels"
)

// The document of --json. docs/results.schema.json describes it to others and
// is made from these types (go generate). A field's unit is the end of its
// name, or what the document's table of units says of it; what is not known is
// null. The counts are those of the scalar files, to the digit.
const (
	schemaName    = "netperfmeter-results"
	schemaVersion = 1
)

type document struct {
	Schema      string            `json:"schema"`
	Version     int               `json:"schema_version"`
	Program     programInfo       `json:"program"`
	CommandLine []string          `json:"command_line"`
	Begin       int64             `json:"begin_us"`
	End         int64             `json:"end_us"`
	ExitStatus  int               `json:"exit_status"`
	Error       *errorInfo        `json:"error"`
	Warnings    []string          `json:"warnings"`
	Files       []string          `json:"files"`
	Units       map[string]string `json:"units"`
	Measurement measurementInfo   `json:"measurement"`
	Active      sideInfo          `json:"active"`
	Passive     sideInfo          `json:"passive"`
	Clock       *clockInfo        `json:"clock"`
	Flows       []flowInfo        `json:"flows"`
	Intervals   []intervalRow     `json:"intervals"`
}

type programInfo struct {
	Name     string `json:"name"`
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
	System   string `json:"system"`
	Machine  string `json:"machine"`
}

// errorInfo is why the program failed. Kind is the exit status in a word.
type errorInfo struct {
	Kind     string `json:"kind"`
	Status   int    `json:"exit_status"`
	Deadline bool   `json:"deadline_passed"`
	Message  string `json:"message"`
}

type measurementInfo struct {
	ID          *string `json:"id"`   // hexadecimal
	Seed        *string `json:"seed"` // decimal; both have 64 bits, more than many readers of JSON keep
	Host        *string `json:"host"` // as it was given
	Address     *string `json:"address"`
	Control     *string `json:"control"`
	Peer        *string `json:"peer"` // "same program", "other program"
	Started     bool    `json:"started"`
	Interrupted bool    `json:"interrupted"`
	Runtime     *number `json:"runtime_s"` // as planned; null: until it is ended
	Omit        number  `json:"omit_s"`
	Interval    number  `json:"interval_s"`
	Deadline    *number `json:"deadline_s"`
	First       *int64  `json:"first_us"`
	Last        *int64  `json:"last_us"`
	Duration    *number `json:"duration_s"`
	Joined      bool    `json:"intervals_joined"`
}

type sideInfo struct {
	Name        string                `json:"name"`
	Version     *string               `json:"version"` // of the program there
	Environment *channels.Environment `json:"environment"`
	Totals      *totalFigures         `json:"totals"`
	CPU         *cpuFigures           `json:"cpu"`
	CPUs        []cpuFigures          `json:"cpus"`
}

// clockInfo is how the two hosts' clocks stood to each other. The offset is what
// the passive side's shows more.
type clockInfo struct {
	Exchanges       int    `json:"exchanges"`
	OffsetStart     number `json:"offset_start_ms"`
	OffsetEnd       number `json:"offset_end_ms"`
	Bound           number `json:"bound_ms"` // how far the offsets may be wrong
	Drift           number `json:"drift_ppm"`
	DriftBound      number `json:"drift_bound_ppm"`
	RoundTrip       number `json:"round_trip_ms"`
	Steady          bool   `json:"steady"`    // one offset and drift explain all exchanges
	Corrected       bool   `json:"corrected"` // delays are without the offset
	CorrectionBound number `json:"correction_bound_ms"`
}

type flowInfo struct {
	flowHead
	Specification string         `json:"specification"`
	Local         *string        `json:"local"`
	Remote        *string        `json:"remote"`
	Transport     *transportInfo `json:"transport"`
	Outgoing      directionInfo  `json:"outgoing"`
	Incoming      directionInfo  `json:"incoming"`
}

type flowHead struct {
	Flow        uint32 `json:"flow"`
	Stream      uint16 `json:"stream"`
	Description string `json:"description"`
	Protocol    string `json:"protocol"`
}

type transportInfo struct {
	Active   *channels.State `json:"active"`
	Passive  *channels.State `json:"passive"`
	Verdict  string          `json:"verdict"`
	FellBack bool            `json:"fell_back"`
}

type directionInfo struct {
	Idle     bool             `json:"idle"` // nothing was to be sent
	Sender   *senderFigures   `json:"sender"`
	Receiver *receiverFigures `json:"receiver"`
}

// number is written as null where it is not known (NaN), or no number that
// JSON has.
type number float64

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	if v := float64(n); !math.IsNaN(v) && !math.IsInf(v, 0) {
		return json.Marshal(v)
	}
	return []byte("null"), nil
}

// known is nil for what is not.
func known[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
