//go:build linux

package lab

import (
	"bufio"
	"compress/bzip2"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// These readers know the files' descriptions only. They take tabs and blanks, as 1.9.4 writes both.

// Counts are totals of one direction; packets are messages of the protocol.
type Counts struct {
	Bytes, Packets, Frames uint64
}

// open opens a result file, compressed or not.
func open(t testing.TB, path string) (*bufio.Reader, func()) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, ".bz2") {
		return bufio.NewReaderSize(bzip2.NewReader(f), 1<<16), func() { f.Close() }
	}
	return bufio.NewReaderSize(f, 1<<16), func() { f.Close() }
}

// lines calls f with each line; the text belongs to f for the call only.
func lines(t testing.TB, path string, f func(number int, line string)) {
	t.Helper()
	r, end := open(t, path)
	defer end()
	for number := 1; ; number++ {
		line, err := r.ReadString('\n')
		if err == io.EOF && line == "" {
			return
		}
		if err != nil {
			t.Fatalf("%s: line %d is not complete: %q, %v", path, number, line, err)
		}
		f(number, line[:len(line)-1])
	}
}

// fields splits at blanks and tabs outside of double quotes, which go.
func fields(line string) []string {
	var out []string
	for line = strings.TrimLeft(line, " \t"); line != ""; line = strings.TrimLeft(line, " \t") {
		end := strings.IndexAny(line, " \t")
		if line[0] == '"' {
			if end = strings.IndexByte(line[1:], '"') + 1; end == 0 {
				return append(out, line)
			}
			out, line = append(out, line[1:end]), line[end+1:]
			continue
		}
		if end < 0 {
			end = len(line)
		}
		out, line = append(out, line[:end]), line[end:]
	}
	return out
}

func number(t testing.TB, where, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatalf("%s: %q is no number", where, text)
	}
	return v
}

func whole(t testing.TB, where, text string) uint64 {
	t.Helper()
	v, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %q is no whole number", where, text)
	}
	return v
}

// splitName splits a pattern like run.vec.bz2 into run and .vec.bz2.
func splitName(pattern string) (base, suffix string) {
	rest, packed := strings.CutSuffix(pattern, ".bz2")
	dot := strings.LastIndexByte(rest, '.')
	if dot <= strings.LastIndexByte(rest, '/') {
		dot = len(rest)
	}
	base, suffix = rest[:dot], rest[dot:]
	if packed {
		suffix += ".bz2"
	}
	return base, suffix
}

// SideFile is the name of a global vector or scalar file; side is "active" or "passive".
func SideFile(pattern, side string) string {
	base, suffix := splitName(pattern)
	return base + "-" + side + suffix
}

// FlowFile is the name of a flow's vector file.
func FlowFile(pattern, side string, flow uint32, stream uint16) string {
	base, suffix := splitName(pattern)
	return fmt.Sprintf("%s-%s-%08x-%04x%s", base, side, flow, stream, suffix)
}

// Results is everything that a measurement left behind.
type Results struct {
	Dir                          string
	ScalarPattern, VectorPattern string
	Active, Passive              *Scalars // nil without a scalar pattern
}

// ReadResults reads the scalars of both sides; vectors are read on demand. An empty pattern was not asked for.
func ReadResults(t testing.TB, dir, scalarPattern, vectorPattern string) *Results {
	t.Helper()
	r := &Results{Dir: dir, ScalarPattern: scalarPattern, VectorPattern: vectorPattern}
	if scalarPattern != "" {
		r.Active = ReadScalars(t, filepath.Join(dir, SideFile(scalarPattern, "active")))
		r.Passive = ReadScalars(t, filepath.Join(dir, SideFile(scalarPattern, "passive")))
	}
	return r
}

// Flow reads a flow's vector file; side is the receiving one.
func (r *Results) Flow(t testing.TB, side string, flow uint32) *FlowVector {
	t.Helper()
	return r.Stream(t, side, flow, 0)
}

// Stream is Flow for a flow on another stream than 0.
func (r *Results) Stream(t testing.TB, side string, flow uint32, stream uint16) *FlowVector {
	t.Helper()
	return ReadFlowVector(t, r.FlowPath(side, flow, stream))
}

// FlowPath is where a flow's vector file is.
func (r *Results) FlowPath(side string, flow uint32, stream uint16) string {
	return filepath.Join(r.Dir, FlowFile(r.VectorPattern, side, flow, stream))
}

// Global reads a side's global vector file.
func (r *Results) Global(t testing.TB, side string) []GlobalRow {
	t.Helper()
	return ReadGlobalVector(t, filepath.Join(r.Dir, SideFile(r.VectorPattern, side)))
}
