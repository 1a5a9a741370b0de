//go:build linux

package lab

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Scalars is a scalar file.
type Scalars struct {
	Path  string
	Side  string // active or passive, from the objects' names
	Lines []ScalarLine
	value map[string]string
}

// ScalarLine is a line of it, without "netPerfMeter.SIDE." in front of the object.
type ScalarLine struct {
	Object, Name, Value string
}

var scalarObject = regexp.MustCompile(`^netPerfMeter\.(active|passive)\.(.+)$`)

// ReadScalars reads a scalar file; a line of another form fails the test.
func ReadScalars(t testing.TB, path string) *Scalars {
	t.Helper()
	s := &Scalars{Path: path, value: map[string]string{}}
	lines(t, path, func(n int, line string) {
		part := fields(line)
		if len(part) != 4 || part[0] != "scalar" {
			t.Fatalf("%s:%d: %q", path, n, line)
		}
		object := scalarObject.FindStringSubmatch(part[1])
		if object == nil || s.Side != "" && s.Side != object[1] {
			t.Fatalf("%s:%d: object %q", path, n, part[1])
		}
		s.Side = object[1]
		number(t, fmt.Sprintf("%s:%d", path, n), part[3])
		key := object[2] + "\x00" + part[2]
		if _, twice := s.value[key]; twice {
			t.Fatalf("%s:%d: comes twice: %q", path, n, line)
		}
		s.value[key] = part[3]
		s.Lines = append(s.Lines, ScalarLine{object[2], part[2], part[3]})
	})
	return s
}

// Has tells whether there is a value.
func (s *Scalars) Has(object, name string) bool {
	_, ok := s.value[object+"\x00"+name]
	return ok
}

// Float is a value; a missing one fails the test.
func (s *Scalars) Float(t testing.TB, object, name string) float64 {
	t.Helper()
	text, ok := s.value[object+"\x00"+name]
	if !ok {
		t.Fatalf("%s: no %q of %s", s.Path, name, object)
	}
	return number(t, s.Path, text)
}

// Uint is a whole value.
func (s *Scalars) Uint(t testing.TB, object, name string) uint64 {
	t.Helper()
	text, ok := s.value[object+"\x00"+name]
	if !ok {
		t.Fatalf("%s: no %q of %s", s.Path, name, object)
	}
	return whole(t, s.Path+": "+object+" "+name, text)
}

// Counts are the three totals of an object in a direction: "Transmitted", "Received" or "Lost".
func (s *Scalars) Counts(t testing.TB, object, direction string) Counts {
	t.Helper()
	return Counts{s.Uint(t, object, direction+" Bytes"), s.Uint(t, object, direction+" Packets"), s.Uint(t, object, direction+" Frames")}
}

// Flows are the flow IDs in the order of the file.
func (s *Scalars) Flows() []uint32 {
	var ids []uint32
	for _, l := range s.Lines {
		text, ok := strings.CutPrefix(l.Object, "flow[")
		id, err := strconv.ParseUint(strings.TrimSuffix(text, "]"), 10, 32)
		if ok && err == nil && (len(ids) == 0 || ids[len(ids)-1] != uint32(id)) {
			ids = append(ids, uint32(id))
		}
	}
	return ids
}

// FlowObject is the name of a flow's object.
func FlowObject(id uint32) string { return fmt.Sprintf("flow[%d]", id) }
