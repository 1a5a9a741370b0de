package stats

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
)

func TestParseScalars(t *testing.T) {
	const file = "scalar \"netPerfMeter.active.flow[0]\" \"Received Bytes\"          2928882\n\n" +
		"scalar\tnetPerfMeter.active.CPU[1]  \"User\" 0.5\r\n" +
		"  scalar \"x\" \"\" 1795216404798268"
	want := ScalarFile{
		{"netPerfMeter.active.flow[0]", "Received Bytes", "2928882", 2928882},
		{"netPerfMeter.active.CPU[1]", "User", "0.5", 0.5},
		{"x", "", "1795216404798268", 1795216404798268},
	}
	got, err := ParseScalars(strings.NewReader(file))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if s, ok := got.Find("netPerfMeter.active.CPU[1]", "User"); !ok || s.Text != "0.5" {
		t.Errorf("found %+v, %v", s, ok)
	}
	if s, ok := got.Find("netPerfMeter.active.CPU[1]", "Nice"); ok {
		t.Errorf("found %+v", s)
	}
}

func TestParseScalarsErrors(t *testing.T) {
	for _, tt := range []struct{ file, want string }{
		{`vector "a" "b" 1`, `scalars, line 1: begins with "vector" instead of scalar`},
		{"\n\nscalar", "scalars, line 3: nothing where an object should be"},
		{`scalar "a`, "scalars, line 1: a quote without its end where an object should be"},
		{`scalar "a" "b`, "scalars, line 1: a quote without its end where a name should be"},
		{`scalar "a"b" 1`, "scalars, line 1: a quoted text without a blank after it where an object should be"},
		{`scalar a"b" c 1`, "scalars, line 1: a quote in the middle of a word where an object should be"},
		{`scalar "a" "b"`, "scalars, line 1: nothing where a value should be"},
		{`scalar "a" "b" x`, `scalars, line 1: "x" is no number`},
		{`scalar "a" "b" 1 2`, `scalars, line 1: unexpected "2" after the value`},
		{"scalar a b 1\n" + strings.Repeat("x", maxScalarLine+3), "scalars, line 2: longer than 512 bytes"},
		{strings.Repeat("\n", maxScalarLines+1), fmt.Sprintf("scalars: more than %d lines", maxScalarLines)},
	} {
		got, err := ParseScalars(strings.NewReader(tt.file))
		if err == nil || err.Error() != tt.want || got != nil {
			t.Errorf("%.40q: %v, want %s", tt.file, err, tt.want)
		}
	}
	longest := `scalar "a" "` + strings.Repeat("b", maxScalarLine-14) + `" 1`
	if _, err := ParseScalars(strings.NewReader(longest[1:] + "\n")); err == nil {
		t.Error("not a scalar")
	}
	for _, end := range []string{"", "\n", "\r\n"} {
		if _, err := ParseScalars(strings.NewReader(longest[:maxScalarLine-3] + `" 1` + end)); err != nil {
			t.Errorf("%d bytes: %v", maxScalarLine, err)
		}
	}
	if _, err := ParseScalars(io.MultiReader(strings.NewReader("scalar a b 1\n"), brokenReader{})); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("a reader that fails: %v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errFull }

// What is written can be read.
func TestScalarsRoundTrip(t *testing.T) {
	var b bytes.Buffer
	scalars := testScalars()
	if err := WriteScalars(&b, "active", scalars); err != nil {
		t.Fatal(err)
	}
	lines := bytes.Count(b.Bytes(), []byte{'\n'})
	file, err := ParseScalars(&b)
	if err != nil || len(file) != lines {
		t.Fatalf("%d scalars of %d lines, %v", len(file), lines, err)
	}
	seen := map[string]bool{}
	for _, s := range file {
		if key := s.Object + "/" + s.Name; seen[key] {
			t.Errorf("%s twice", key)
		} else {
			seen[key] = true
		}
	}
	for _, tt := range []struct {
		object, name, want string
	}{
		{"flow[0]", "Transmitted Bit Rate", "42675.500495"},
		{"flow[0]", "Lost Packets", "1"},
		{"flow[0]", "Late Depth Mean", "2.000000"},
		{"flow[0]", "Delay Maximum", "4.000000"},
		{"flow[0]", "Longest Gap", "1500.000000"},
		{"flow[0]", "TCP Retransmissions", "7"},
		{"flow[4294967295]", "Transmitted Byte Rate", "0.000000"},
		{"total", "Transmitted Packets", "17"},
		{"total", "Lost Bytes", "500"},
		{"total", "Seed", "42"},
		{"CPU[2]", "Idle", "100.000"},
		{"totalCPU", "User", "6.250"},
		{"clock", "Offset", "0.000000"},
		{"clock", "Steps", "-1"},
	} {
		if s, ok := file.Find("netPerfMeter.active."+tt.object, tt.name); !ok || s.Text != tt.want {
			t.Errorf("%s %s: %+v, want %s", tt.object, tt.name, s, tt.want)
		}
	}
	if s, ok := file.Find("netPerfMeter.active.flow[0]", "Unknown"); ok {
		t.Errorf("a value that is not known: %+v", s)
	}
}

func FuzzParseScalars(f *testing.F) {
	var b bytes.Buffer
	if err := WriteScalars(&b, "active", testScalars()); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("scalar \"a\" \"b\" 1e300\nscalar a b NaN"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := ParseScalars(bytes.NewReader(data))
		if err != nil {
			if file != nil || !strings.HasPrefix(err.Error(), "scalars") {
				t.Errorf("%d scalars, %v", len(file), err)
			}
			return
		}
		for _, s := range file {
			if strings.ContainsAny(s.Object+s.Name+s.Text, "\"\n") {
				t.Errorf("%+v", s)
			}
		}
	})
}
