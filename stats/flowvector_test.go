package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFlowVector(t *testing.T) {
	const base = 1_700_000_000_000_000
	records := []Record{
		{Time: base - 20, Sent: base - 45, Seq: 0, Length: 1000, Frames: 1},
		{Time: base + 565, Sent: base + 502, Seq: 1, Length: 200, Frames: 0},
		{Time: base + 1_000_565, Sent: base + 1_000_602, Seq: 3, Length: 48, Frames: 1},
		{Time: base + 1_000_565, Sent: base + 1_000_602, Seq: 2, Length: 48, Frames: 0, Flags: RecordLate},
	}
	want := flowVectorHeader +
		"000001\t1699999999999980\t-0.000020\t0\t1000\t1\t1\t1000\t1\t1\t0.025\t0.000\t0.000\n" +
		"000002\t1700000000000565\t0.000565\t1\t1200\t2\t1\t200\t1\t0\t0.063\t0.038\t0.002\n" +
		"000003\t1700000001000565\t1.000565\t3\t1248\t3\t2\t48\t1\t1\t-0.037\t-0.100\t0.008\n" +
		"000004\t1700000001000565\t1.000565\t2\t1296\t4\t2\t48\t1\t0\t-0.037\t0.000\t0.008\n"
	v := FlowVector{Base: base}
	got := v.Header(nil)
	for i := range records {
		got = v.Append(got, &records[i])
	}
	if string(got) != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestFlowVectorEvery(t *testing.T) {
	lines := func(every uint64) []string {
		v := FlowVector{Every: every}
		var b []byte
		for i := range 10 {
			b = v.Append(b, &Record{Time: 100 + int64(i*i), Sent: 50, Seq: uint64(i), Length: 100, Frames: 1})
		}
		return strings.SplitAfter(strings.TrimSuffix(string(b), "\n"), "\n")
	}
	all := lines(1)
	for _, every := range []uint64{2, 3, 9, 10, 11} {
		for i, line := range lines(every) {
			// the same line but for its number
			if strings.TrimSpace(line[6:]) != strings.TrimSpace(all[uint64(i)*every][6:]) || line[:6] != fmt.Sprintf("%06d", i+1) {
				t.Errorf("every %d, line %d: %q", every, i, line)
			}
		}
		if got, want := len(lines(every)), (10+int(every)-1)/int(every); got != want {
			t.Errorf("every %d: %d lines instead of %d", every, got, want)
		}
	}
}

// The lines of runs are those of their records, wherever a limit cuts.
func TestFlowVectorRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var runs []run
	var whole FlowVector
	var want []byte
	seq := uint64(0)
	for range 200 {
		u := run{Record{Time: 1e15 + int64(seq), Sent: 1e15 - r.Int64N(1000), Seq: seq, Length: 48 + r.Uint32N(1000), Frames: 1}, 1 + r.Uint64N(20)}
		for i := range u.n {
			record := u.Record
			record.Seq += i
			want = whole.Append(want, &record)
		}
		seq += u.n
		runs = append(runs, u)
	}
	var pieces FlowVector
	var got []byte
	var total uint64
	for limit := 1000; len(runs) > 0; limit += 17 {
		var text []byte
		var n uint64
		text, runs, n = pieces.appendRuns(nil, runs, limit)
		if len(text) > limit {
			t.Fatalf("%d bytes for a limit of %d", len(text), limit)
		}
		got = append(got, text...)
		total += n
	}
	if string(got) != string(want) || total != seq {
		t.Errorf("%d records, %d bytes; want %d and %d", total, len(got), seq, len(want))
	}
}

func TestDigits(t *testing.T) {
	for _, n := range []uint64{0, 1, 9, 99999, 100000, 999999, 1000000, 12345678, math.MaxUint64} {
		if got, want := string(appendLineNumber(nil, n)), fmt.Sprintf("%06d", n); got != want {
			t.Errorf("line number %s, want %s", got, want)
		}
	}
	for _, tt := range []struct {
		v        int64
		decimals int
		want     string
	}{
		{0, 6, "0.000000"}, {1, 6, "0.000001"}, {-1, 6, "-0.000001"}, {999999, 6, "0.999999"}, {1000000, 6, "1.000000"},
		{-33, 3, "-0.033"}, {1475, 3, "1.475"}, {-1475, 3, "-1.475"}, {123456789012, 3, "123456789.012"},
		{math.MinInt64, 3, "-9223372036854775.808"}, {math.MaxInt64, 6, "9223372036854.775807"},
	} {
		if got := string(appendFixed(nil, tt.v, tt.decimals)); got != tt.want {
			t.Errorf("%d with %d decimals: %s, want %s", tt.v, tt.decimals, got, tt.want)
		}
	}
}

func TestFlowVectorLongestLine(t *testing.T) {
	v := FlowVector{Base: math.MaxInt64, line: math.MaxUint64 - 1, delay: math.MinInt64 / 4, jitter: 9e18}
	v.seen = Counts{math.MaxUint64 - math.MaxUint32, math.MaxUint64 - 1, math.MaxUint64 - math.MaxUint16}
	line := v.Append(nil, &Record{Time: -1, Sent: math.MaxInt64 / 2, Seq: math.MaxUint64, Length: math.MaxUint32, Frames: math.MaxUint16})
	if len(line) > maxVectorLine {
		t.Errorf("%d bytes, more than maxVectorLine: %s", len(line), line)
	}
	if got := strings.Count(string(line), "\t"); got != 12 {
		t.Errorf("%d tabs: %s", got, line)
	}
}

func BenchmarkFlowVector(b *testing.B) {
	var v FlowVector
	buf := make([]byte, 0, 1<<16)
	record := Record{Time: 1795216404798393, Length: 1400, Frames: 1}
	b.ReportAllocs()
	bytes := 0
	for b.Loop() {
		record.Time += 3
		record.Sent = record.Time - 60 - int64(record.Seq&63)
		record.Seq++
		buf = v.Append(buf[:0], &record)
		bytes += len(buf)
	}
	b.SetBytes(int64(bytes / b.N))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
