//go:build linux

package lab

import (
	"fmt"
	"strings"
	"testing"
)

var (
	globalHeader = strings.Fields("AbsTime RelTime Interval FlowID Description Jitter Action AbsBytes AbsPackets AbsFrames RelBytes RelPackets RelFrames")
	flowHeader   = strings.Fields("AbsTime RelTime SeqNumber AbsBytes AbsPackets AbsFrames RelBytes RelPackets RelFrames Delay PrevPacketDelayDiff Jitter")
)

// GlobalRow is a line of a global vector file.
type GlobalRow struct {
	AbsTime           uint64
	RelTime, Interval float64
	Flow              int64 // -1: the total
	Description       string
	Jitter            float64
	Action            string
	Abs, Rel          Counts
}

// ReadGlobalVector reads a global vector file. An empty one has no header either.
func ReadGlobalVector(t testing.TB, path string) []GlobalRow {
	t.Helper()
	var rows []GlobalRow
	lines(t, path, func(n int, line string) {
		where := fmt.Sprintf("%s:%d", path, n)
		f := fields(line)
		if n == 1 {
			sameHeader(t, where, f, globalHeader)
			return
		}
		numbered(t, where, f, n-1, len(globalHeader)+1)
		rows = append(rows, GlobalRow{
			AbsTime: whole(t, where, f[1]), RelTime: number(t, where, f[2]), Interval: number(t, where, f[3]),
			Flow: int64(number(t, where, f[4])), Description: f[5], Jitter: number(t, where, f[6]), Action: f[7],
			Abs: Counts{whole(t, where, f[8]), whole(t, where, f[9]), whole(t, where, f[10])},
			Rel: Counts{whole(t, where, f[11]), whole(t, where, f[12]), whole(t, where, f[13])},
		})
	})
	return rows
}

func sameHeader(t testing.TB, where string, got, want []string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Fatalf("%s: header %q instead of %q", where, got, want)
	}
}

// numbered checks a row's width and its line number.
func numbered(t testing.TB, where string, f []string, n, width int) {
	t.Helper()
	if len(f) != width {
		t.Fatalf("%s: %d columns instead of %d: %q", where, len(f), width, f)
	}
	if f[0] != fmt.Sprintf("%06d", n) {
		t.Fatalf("%s: line number %q instead of %06d", where, f[0], n)
	}
}

// FlowRow is a line of a flow's vector file.
type FlowRow struct {
	AbsTime, Seq             uint64
	RelTime                  float64
	Abs, Rel                 Counts
	Delay, DelayDiff, Jitter float64 // milliseconds
}

// FlowVector sums a flow's vector file up; it may be too large to be kept.
type FlowVector struct {
	Path        string
	Lines       uint64 // messages
	Bytes       uint64 // sum of RelBytes
	Frames      uint64 // sum of RelFrames
	First, Last FlowRow
	Reordered   uint64 // messages with a smaller sequence number than one before
	MaxSeq      uint64
}

// ReadFlowVector reads a flow's vector file and holds every line's totals against the sums so far.
func ReadFlowVector(t testing.TB, path string) *FlowVector {
	t.Helper()
	v := &FlowVector{Path: path}
	EachFlowRow(t, path, func(r FlowRow) {
		v.Lines++
		v.Bytes += r.Rel.Bytes
		v.Frames += r.Rel.Frames
		if r.Rel.Packets != 1 {
			t.Fatalf("%s: line %d: RelPackets %d", path, v.Lines, r.Rel.Packets)
		}
		if v.Lines == 1 {
			v.First, v.MaxSeq = r, r.Seq
		}
		if r.Seq < v.MaxSeq {
			v.Reordered++
		}
		v.MaxSeq, v.Last = max(v.MaxSeq, r.Seq), r
	})
	return v
}

// Consistent fails the test unless the Abs columns end where the sums of the Rel columns do, which holds for ours:
// it has a line for every message.
func (v *FlowVector) Consistent(t testing.TB) {
	t.Helper()
	if sum := (Counts{v.Bytes, v.Lines, v.Frames}); v.Lines > 0 && v.Last.Abs != sum {
		t.Errorf("%s: the last line says %+v, the lines sum up to %+v", v.Path, v.Last.Abs, sum)
	}
}

// EachFlowRow calls f with each row of a flow's vector file.
func EachFlowRow(t testing.TB, path string, f func(FlowRow)) {
	t.Helper()
	sawHeader := false
	lines(t, path, func(n int, line string) {
		where := fmt.Sprintf("%s:%d", path, n)
		c := fields(line)
		if n == 1 {
			sameHeader(t, where, c, flowHeader)
			sawHeader = true
			return
		}
		numbered(t, where, c, n-1, len(flowHeader)+1)
		f(FlowRow{
			AbsTime: whole(t, where, c[1]), RelTime: number(t, where, c[2]), Seq: whole(t, where, c[3]),
			Abs:   Counts{whole(t, where, c[4]), whole(t, where, c[5]), whole(t, where, c[6])},
			Rel:   Counts{whole(t, where, c[7]), whole(t, where, c[8]), whole(t, where, c[9])},
			Delay: number(t, where, c[10]), DelayDiff: number(t, where, c[11]), Jitter: number(t, where, c[12]),
		})
	})
	if !sawHeader {
		t.Fatalf("%s: no header", path)
	}
}
