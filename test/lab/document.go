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

// The shipped JSON Schemas: of the document of --json, of a line of --json-lines, and of --capabilities.
const (
	ResultsSchema      = "results.schema.json"
	LineSchema         = "results.schema.json#/$defs/event"
	CapabilitiesSchema = "capabilities.schema.json"
)

// schemas are all of them.
var schemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	root, err := Root()
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	all := make(map[string]*jsonschema.Schema)
	for _, name := range []string{ResultsSchema, LineSchema, CapabilitiesSchema} {
		if all[name], err = compiler.Compile(filepath.Join(root, "docs", name)); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// Valid decodes a text of JSON into out, after the shipped schema has passed it.
func Valid(t testing.TB, text, schema string, out any) {
	t.Helper()
	all, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v: %.300q", err, text)
	}
	if err := all[schema].Validate(value); err != nil {
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
	Version     *string
	Environment map[string]any
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
	Valid(t, string(text), ResultsSchema, d)
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
	Transport          *struct {
		Active *struct{ Paths []struct{ Until int64 } }
	}
}

// ReadLines validates the lines that a program has written.
func ReadLines(t testing.TB, text string) []Line {
	t.Helper()
	var all []Line
	for text := range strings.Lines(text) {
		var line Line
		Valid(t, text, LineSchema, &line)
		all = append(all, line)
	}
	return all
}
