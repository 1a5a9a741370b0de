//go:build linux

package lab

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemas are the shipped JSON Schema, as of the document and of a line.
var schemas = sync.OnceValues(func() (both [2]*jsonschema.Schema, err error) {
	root, err := Root()
	if err != nil {
		return both, err
	}
	file := filepath.Join(root, "docs", "results.schema.json")
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	if both[0], err = compiler.Compile(file); err == nil {
		both[1], err = compiler.Compile(file + "#/$defs/event")
	}
	return both, err
})

// Valid decodes a text of JSON into out, after the shipped schema has passed it: as the document of --json, or as a
// line of --json-lines.
func Valid(t testing.TB, text string, line bool, out any) {
	t.Helper()
	both, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	schema := both[0]
	if line {
		schema = both[1]
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %.300q", err, text)
	}
	if err := schema.Validate(value); err != nil {
		t.Fatalf("%v\n%.2000s", err, text)
	}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		t.Fatal(err)
	}
}

// Document is what tests need to know of the document of --json.
type Document struct {
	CommandLine []string `json:"command_line"`
	ExitStatus  int      `json:"exit_status"`
	Error       *DocumentError
	Warnings    []string
	Files       []string
	Units       map[string]string
	Measurement struct {
		Started, Interrupted bool
		Seed, Peer           *string
		Duration             *float64 `json:"duration_s"`
	}
	Active, Passive DocumentSide
	Flows           []DocumentFlow
	Intervals       []Row
}

// DocumentError is why the program failed.
type DocumentError struct {
	Kind       string
	ExitStatus int  `json:"exit_status"`
	Deadline   bool `json:"deadline_passed"`
	Message    string
}

// DocumentSide is one side of it.
type DocumentSide struct {
	Totals, CPU map[string]*float64
	CPUs        []map[string]*float64
}

// DocumentFlow is a flow of it.
type DocumentFlow struct {
	Flow               uint32
	Protocol           string
	Specification      string
	Outgoing, Incoming struct {
		Idle             bool
		Sender, Receiver Figures
	}
}

// Figures are numbers and groups of numbers; Number finds them.
type Figures map[string]any

// Number finds a number by its names; false if it is null.
func (f Figures) Number(t testing.TB, names ...string) (float64, bool) {
	t.Helper()
	for i, name := range names {
		value, there := f[name]
		if !there {
			t.Fatalf("no figure is called %q", name)
		}
		if i+1 < len(names) {
			f = value.(map[string]any)
			continue
		}
		number, known := value.(float64)
		return number, known
	}
	return 0, false
}

// Row is an interval.
type Row struct {
	Flow            uint32
	Direction       string
	Interval        int
	Begin           float64  `json:"begin_s"`
	End             float64  `json:"end_s"`
	SentBytes       *float64 `json:"sent_bytes"`
	SentPackets     *float64 `json:"sent_packets"`
	ReceivedBytes   *float64 `json:"received_bytes"`
	ReceivedPackets *float64 `json:"received_packets"`
	ReceivedFrames  *float64 `json:"received_frames"`
	LostPackets     *float64 `json:"lost_packets"`
}

// ReadDocument reads and validates the document in a file.
func ReadDocument(t testing.TB, path string) *Document {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d := new(Document)
	Valid(t, string(text), false, d)
	return d
}

// Line is what tests need to know of a line of --json-lines.
type Line struct {
	Event   string
	Time    int64   `json:"time_us"`
	Elapsed float64 `json:"elapsed_s"`
	Message string
	Row
	ExitStatus         int `json:"exit_status"`
	Error              *DocumentError
	Outgoing, Incoming struct{ Sender, Receiver Figures }
}

// ReadLines validates the lines that a program has written.
func ReadLines(t testing.TB, text string) []Line {
	t.Helper()
	var all []Line
	for text := range strings.Lines(text) {
		var line Line
		Valid(t, text, true, &line)
		all = append(all, line)
	}
	return all
}
