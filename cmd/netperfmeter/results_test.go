package main

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"netperfmeter/active"
	"netperfmeter/stats"
)

func TestNumber(t *testing.T) {
	got, err := json.Marshal([]number{0, -1.5, 1e300, number(math.NaN()), number(math.Inf(1)), number(math.Inf(-1))})
	if want := "[0,-1.5,1e+300,null,null,null]"; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestWantedIn(t *testing.T) {
	tests := []struct {
		line string
		want wanted
	}{
		{"h -t default", wanted{}},
		{"--json x", wanted{json: "x"}},
		{"-nonsense -json=x -csv y", wanted{json: "x", csv: "y"}},
		{"--json - --nonsense", wanted{json: "-"}},
		{"--json-lines -json", wanted{lines: true}},
		{"--json --csv x", wanted{csv: "x"}},
		{"--json dir/", wanted{}},
		{"-- --json x", wanted{}},
		{"--json - --json-lines", wanted{json: "-"}},
		{"--json x --json-lines --csv -", wanted{json: "x", lines: true}},
	}
	for _, test := range tests {
		if got := wantedIn(words(test.line)); got != test.want {
			t.Errorf("%s: %+v", test.line, got)
		}
	}
}

func TestFigures(t *testing.T) {
	file := stats.ScalarFile{
		{Object: "netPerfMeter.active.flow[3]", Name: "Received Bytes", Text: "18446744073709551615"},
		{Object: "netPerfMeter.active.flow[3]", Name: "Delay Percentile 99.9", Text: "0.250000"},
		{Object: "netPerfMeter.active.flow[3]", Name: "First Reception", Text: "0"},
		{Object: "netPerfMeter.active.flow[3]", Name: "Last Reception", Text: "1795291925738036"},
		{Object: "netPerfMeter.active.flow[3]", Name: "Gap 1 RelTime", Text: "1.5"},
		{Object: "netPerfMeter.active.flow[3]", Name: "Gap 1 Open", Text: "1"},
		{Object: "netPerfMeter.active.flow[3]", Name: "Gap 2 RelTime", Text: "2.5"},
		{Object: "netPerfMeter.active.flow[3]", Name: "Gap 4 RelTime", Text: "9"},
		{Object: "netPerfMeter.passive.flow[3]", Name: "Received Packets", Text: "1"},
		{Object: "netPerfMeter.active.", Name: "x", Text: "1"},
	}
	o := newObjects("active", file)
	got := figures[receiverFigures](o, "flow[3]")
	if got == nil || got.Bytes == nil || *got.Bytes != math.MaxUint64 || got.Packets != nil || got.Delay.P999 != 0.25 || !math.IsNaN(float64(got.Delay.P99)) {
		t.Errorf("%+v", got)
	}
	if got.First != nil || got.Last == nil || *got.Last != 1795291925738036 {
		t.Errorf("first %v, last %v: 0 is no time", got.First, got.Last)
	}
	if len(got.Gaps) != 2 || got.Gaps[0].At != 1.5 || !got.Gaps[0].Open || got.Gaps[1].Open {
		t.Errorf("gaps %+v", got.Gaps)
	}
	if figures[receiverFigures](o, "flow[4]") != nil || len(o) != 1 {
		t.Errorf("objects %v", o)
	}
}

// TestTableColumns: the table and the rows of the document have the same names.
func TestTableColumns(t *testing.T) {
	text, err := json.Marshal(intervalRow{})
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for _, name := range columnNames(reflect.TypeFor[intervalRow](), nil) {
		at := strings.Index(string(text), `"`+name+`":`)
		if at <= last {
			t.Errorf("%s is not in its place: %s", name, text)
		}
		last = at
	}
	row := intervalRow{Direction: "incoming", Begin: number(math.NaN()), Interval: -2}
	cells := appendCells(nil, reflect.ValueOf(row))
	if want := "0,0,,,incoming,-2,0,,0,,,,0,,,,0,,,,0"; strings.Join(cells, ",") != want {
		t.Errorf("%s", strings.Join(cells, ","))
	}
}

// stuck takes nothing until it is released.
type stuck struct {
	release chan struct{}
	err     error
}

func (s *stuck) Write(b []byte) (int, error) {
	<-s.release
	return len(b), s.err
}

// TestLineWriter: who does not read holds nobody up, and is told of.
func TestLineWriter(t *testing.T) {
	out := &stuck{release: make(chan struct{})}
	w := newLineWriter(out)
	for range mostLines + 100 {
		w.put([]byte("line\n"))
	}
	close(out.release)
	if err := w.close(); err == nil || !strings.Contains(err.Error(), "were dropped") {
		t.Errorf("%v", err)
	}
	w.put([]byte("too late\n"))

	// At the end there are more lines than may wait, and time for them.
	out = &stuck{release: make(chan struct{})}
	w = newLineWriter(out)
	w.wait()
	close(out.release)
	for range 3 * mostLines {
		w.put([]byte("line\n"))
	}
	if err := w.close(); err != nil {
		t.Error(err)
	}

	out = &stuck{release: make(chan struct{}), err: io.ErrClosedPipe}
	close(out.release)
	w = newLineWriter(out)
	w.put([]byte("line\n"))
	if err := w.close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v", err)
	}
}

// TestFinishOnce: results are written once, also by a file that fails.
func TestFinishOnce(t *testing.T) {
	dir := t.TempDir()
	r, err := openResults([]string{"h"}, nil, wanted{json: dir + "/r.json", csv: dir + "/none/r.csv"}, os.Stdout)
	if exitStatus(err) != exitResults || !strings.Contains(err.Error(), "/none/r.csv") {
		t.Fatalf("%v", err)
	}
	if err := r.finish(err); exitStatus(err) != exitResults {
		t.Errorf("%v", err)
	}
	if err := r.finish(active.ErrAborted); err != active.ErrAborted {
		t.Errorf("a second time: %v", err)
	}
	text, err := os.ReadFile(dir + "/r.json")
	if err != nil || !strings.Contains(string(text), `"kind": "results"`) {
		t.Errorf("%s, %v", text, err)
	}
	if left, _ := filepath.Glob(dir + "/.*tmp*"); len(left) > 0 {
		t.Errorf("left: %s", left)
	}
}

// TestFailedTable: the table of a run that failed leaves an earlier one alone,
// and the document says so.
func TestFailedTable(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/r.csv", []byte("earlier"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		err  error
		want string
	}{{active.ErrUnreachable, "earlier"}, {nil, "flow,"}} {
		r, err := openResults([]string{"h"}, nil, wanted{json: dir + "/r.json", csv: dir + "/r.csv"}, os.Stdout)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.finish(test.err); err != test.err {
			t.Fatal(err)
		}
		table, _ := os.ReadFile(dir + "/r.csv")
		document, _ := os.ReadFile(dir + "/r.json")
		if !strings.HasPrefix(string(table), test.want) || strings.Contains(string(document), "r.csv.failed") != (test.err != nil) {
			t.Errorf("%v: %s\n%s", test.err, table, document)
		}
	}
	if aside, err := os.ReadFile(dir + "/r.csv.failed"); err != nil || !strings.HasPrefix(string(aside), "flow,") {
		t.Errorf("%s, %v", aside, err)
	}
}

func TestResultsOptions(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		{"h -t default --json - --json-lines", "only one of --json -, --csv - and --json-lines can have stdout"},
		{"h -t default --json - --csv=-", "only one of --json -, --csv - and --json-lines can have stdout"},
		{"h -t default --json x --csv x", `--json and --csv name the same file "x"`},
		{"h -t default -S x --json x", `--scalar and --json name the same file "x"`},
		{"h -t default --json dir/", `option --json expects a file name, not "dir/"`},
		{"h -t default -T 5 --deadline 5", "--deadline has to be longer than --runtime, since it bounds set-up and results as well: 5s, 5s"},
		{"h -t default --wait 0", `option --wait expects a number of seconds above 0, such as 0.5 or 60, not "0"`},
		{"h -t default --peer-timeout 4.9", `option --peer-timeout expects a number of seconds, 5 to 86400, not "4.9"`},
		{"9000 --peer-timeout 86401", `option --peer-timeout expects a number of seconds, 5 to 86400, not "86401"`},
	} {
		if _, err := parseCommandLine(words(test.line)); err == nil || err.Error() != test.want {
			t.Errorf("%s: %v", test.line, err)
		}
	}
	line := parsed(t, "h -t default --interval 0.0123 --deadline 2 --wait 3 --json x --csv - --quiet")
	if line.interval.Milliseconds() != 12 || line.interval.Microseconds() != 12000 {
		t.Errorf("interval %v", line.interval)
	}
	if line.results != (wanted{json: "x", csv: "-"}) || line.deadline.Seconds() != 2 || line.wait.Seconds() != 3 {
		t.Errorf("%+v", line)
	}
}
