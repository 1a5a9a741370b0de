package stats

import (
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"netperfmeter/sys"
)

const testBase = 1_795_216_404_000_000

// testRecords returns n records, most of them alone, others in runs.
func testRecords(seed uint64, n int) []Record {
	r := rand.New(rand.NewPCG(seed, 0))
	records := make([]Record, 0, n)
	record := Record{Time: testBase, Sent: testBase - 50, Length: 1400, Frames: 1}
	left := 0
	for len(records) < n {
		if left == 0 {
			record.Time += r.Int64N(200)
			record.Sent = record.Time - r.Int64N(500)
			record.Length = 48 + r.Uint32N(1400)
			if left = 1; r.IntN(20) == 0 {
				left = 1 + r.IntN(99)
			}
		}
		left--
		records = append(records, record)
		record.Seq++
	}
	return records
}

// testVector is what a vector file with these records is to contain.
func testVector(records []Record, base int64, every uint64) []byte {
	v := FlowVector{Base: base, Every: every}
	text := v.Header(nil)
	for i := range records {
		text = v.Append(text, &records[i])
	}
	return text
}

func plain(t *testing.T, compressed bool, file []byte) []byte {
	t.Helper()
	if !compressed {
		return file
	}
	text, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(file)))
	if err != nil {
		t.Error(err)
	}
	return text
}

// checkVector compares without printing megabytes.
func checkVector(t *testing.T, got, want []byte) {
	t.Helper()
	if !bytes.Equal(got, want) {
		at := 0
		for at < len(got) && at < len(want) && got[at] == want[at] {
			at++
		}
		t.Errorf("%d bytes instead of %d; they differ from byte %d on:\n%.200q\n%.200q", len(got), len(want), at, got[at:], want[at:])
	}
}

func TestRecorder(t *testing.T) {
	tests := []struct {
		name     string
		records  int
		compress bool
		every    uint64
		limit    int
	}{
		{"nothing", 0, false, 0, 0},
		{"nothing compressed", 0, true, 0, 0},
		{"one", 1, false, 1, 0},
		{"plain", 30000, false, 0, 0},
		{"compressed", 8000, true, 0, 0},
		{"every 7th", 30000, true, 7, 0},
		{"every 1000000th", 30000, false, 1000000, 0},
		{"spilled", 100000, false, 0, 1},
		{"partly spilled and compressed", 10000, true, 0, 20 << 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.compress && raceDetector {
				tt.records /= 4
			}
			records := testRecords(1, tt.records)
			w := NewWriters(WritersConfig{TempDir: t.TempDir(), MemoryLimit: tt.limit, MemoryMax: 1 << 30, Workers: 3})
			defer w.Close()
			w.idle = func() *idleGate { return closedGate() }
			var out bytes.Buffer
			rec := NewRecorder(w, RecorderConfig{Name: "x", Output: &out, Compress: tt.compress, Every: tt.every})
			w.Start(testBase)
			for _, r := range records {
				rec.Add(r)
			}
			if err := rec.Finish(t.Context()); err != nil {
				t.Fatal(err)
			}
			checkVector(t, plain(t, tt.compress, out.Bytes()), testVector(records, testBase, tt.every))
			if done, all := rec.Progress(); done != uint64(tt.records) || all != done {
				t.Errorf("progress %d of %d", done, all)
			}
			if (w.spill.end > 0) != (tt.limit > 0) {
				t.Errorf("%d slots in the spill file with a limit of %d", w.spill.end, tt.limit)
			}
			checkMemory(t, w)
		})
	}
}

func closedGate() *idleGate {
	return &idleGate{read: func() ([]sys.CPUTimes, error) { return make([]sys.CPUTimes, 2), nil }}
}

func openGate() *idleGate {
	return &idleGate{read: func() ([]sys.CPUTimes, error) { return nil, errors.ErrUnsupported }}
}

// checkMemory looks whether everything has been given back.
func checkMemory(t *testing.T, w *Writers) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.memory != 0 || int64(len(w.spill.free)) != w.spill.end {
		t.Errorf("left: %d bytes, %d of %d slots", w.memory, w.spill.end-int64(len(w.spill.free)), w.spill.end)
	}
}

// Many flows at once share workers, memory and spill file.
func TestRecorderFlows(t *testing.T) {
	for _, gate := range []func() *idleGate{openGate, closedGate} {
		w := NewWriters(WritersConfig{TempDir: t.TempDir(), MemoryLimit: 64 << 10, MemoryMax: 1 << 30, Workers: 4})
		w.idle = gate
		w.Start(testBase)
		var flows sync.WaitGroup
		for flow := range 20 {
			flows.Go(func() {
				records := testRecords(uint64(flow), 500*flow)
				var out bytes.Buffer
				compress := flow%5 == 0 && flow < 10 // compressing takes long
				rec := NewRecorder(w, RecorderConfig{Name: "x", Output: &out, Compress: compress})
				for _, r := range records {
					rec.Add(r)
				}
				if err := rec.Finish(t.Context()); err != nil {
					t.Error(err)
				}
				checkVector(t, plain(t, compress, out.Bytes()), testVector(records, testBase, 1))
			})
		}
		flows.Wait()
		if done, all := w.Progress(); done != all || all != 500*19*20/2 {
			t.Errorf("progress %d of %d", done, all)
		}
		checkMemory(t, w)
		w.Close()
		w.Close()
	}
}

// Before Start nothing is written; without a Start, Finish still writes, with
// times from the first record on.
func TestRecorderWithoutStart(t *testing.T) {
	w := NewWriters(WritersConfig{})
	defer w.Close()
	records := testRecords(2, 1000)
	var out bytes.Buffer
	rec := NewRecorder(w, RecorderConfig{Output: &out})
	for _, r := range records {
		rec.Add(r)
	}
	if err := rec.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	checkVector(t, out.Bytes(), testVector(records, 0, 1))
}

// During the run the gate decides whether anything is written.
func TestRecorderGate(t *testing.T) {
	records := testRecords(3, 50000)
	for _, open := range []bool{true, false} {
		w := NewWriters(WritersConfig{Workers: 1})
		w.idle = closedGate
		if open {
			w.idle = openGate
		}
		rec := NewRecorder(w, RecorderConfig{Output: io.Discard})
		for _, r := range records {
			rec.Add(r)
		}
		w.Start(testBase)
		if open {
			for done, _ := w.Progress(); done == 0; done, _ = w.Progress() {
				time.Sleep(time.Millisecond)
			}
		} else {
			time.Sleep(20 * time.Millisecond) // too short can only hide a fault
			if done, _ := w.Progress(); done != 0 {
				t.Errorf("%d records written through a closed gate", done)
			}
		}
		if err := rec.Finish(t.Context()); err != nil {
			t.Error(err)
		}
		w.Close()
	}
}

// One flow's output fails; the others are complete, and its receiver goes on.
func TestRecorderOutputFails(t *testing.T) {
	w := NewWriters(WritersConfig{TempDir: t.TempDir(), MemoryLimit: 32 << 10, MemoryMax: 1 << 30})
	defer w.Close()
	w.idle = openGate
	w.Start(testBase)
	records := testRecords(4, 40000)
	var out bytes.Buffer
	bad := NewRecorder(w, RecorderConfig{Name: "bad.vec", Output: &failingWriter{100000}})
	good := NewRecorder(w, RecorderConfig{Name: "good.vec", Output: &out})
	for _, r := range records {
		bad.Add(r)
		good.Add(r)
	}
	if err := bad.Finish(t.Context()); !errors.Is(err, errFull) || !strings.Contains(err.Error(), "bad.vec") {
		t.Errorf("bad: %v", err)
	}
	if err := bad.Finish(t.Context()); !errors.Is(err, errFull) {
		t.Errorf("bad once more: %v", err)
	}
	if err := good.Finish(t.Context()); err != nil {
		t.Errorf("good: %v", err)
	}
	checkVector(t, out.Bytes(), testVector(records, testBase, 1))
	checkMemory(t, w)
}

// Without room for a temporary file memory has to do. When that is used up too,
// the flow fails, with an error that names the directory.
func TestRecorderCannotSpill(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	tests := map[string]func(*testing.T, *Writers) error{
		"no directory": func(*testing.T, *Writers) error { return os.ErrNotExist },
		"no space": func(t *testing.T, w *Writers) (err error) {
			if w.spill.file, err = os.OpenFile("/dev/full", os.O_RDWR, 0); err != nil {
				t.Skip(err)
			}
			return syscall.ENOSPC
		},
	}
	for name, prepare := range tests {
		for _, enough := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, enough memory: %v", name, enough), func(t *testing.T) {
				config := WritersConfig{TempDir: missing, MemoryLimit: 20 << 10, MemoryMax: 100 << 10, Workers: 1}
				if enough {
					config.MemoryMax = 1 << 30
				}
				w := NewWriters(config)
				defer w.Close()
				want := prepare(t, w)
				records := testRecords(5, 40000)
				blocked := &blockingWriter{release: make(chan struct{})}
				rec := NewRecorder(w, RecorderConfig{Name: "flow 1", Output: blocked})
				addAll(w, rec, records)
				close(blocked.release)
				err := rec.Finish(t.Context())
				if enough {
					if err != nil {
						t.Error(err)
					}
					checkVector(t, blocked.Bytes(), testVector(records, 0, 1))
				} else if !errors.Is(err, want) || !strings.Contains(err.Error(), missing) || !strings.Contains(err.Error(), "flow 1") {
					t.Errorf("error %v, want %v", err, want)
				}
				checkMemory(t, w)
			})
		}
	}
}

// addAll adds records, each after the spiller has done what it can.
func addAll(w *Writers, rec *Recorder, records []Record) {
	for _, r := range records {
		rec.Add(r)
		if len(rec.current) > 1 {
			continue // nothing was handed over
		}
		w.mu.Lock()
		for slices.ContainsFunc(rec.queue, func(s *slab) bool { return s.state == spilling }) {
			w.moved.Wait()
		}
		w.mu.Unlock()
	}
}

// With everything else at a standstill, memory stays within its limit and what
// is just being moved.
func TestRecorderMemoryIsBounded(t *testing.T) {
	const limit = 200 << 10
	w := NewWriters(WritersConfig{TempDir: t.TempDir(), MemoryLimit: limit, MemoryMax: 1 << 30})
	defer w.Close()
	w.idle = closedGate
	w.Start(testBase)
	var out bytes.Buffer
	rec := NewRecorder(w, RecorderConfig{Output: &out})
	records := testRecords(7, 200000)
	highest := 0
	for i := 0; i < len(records); i += 1000 {
		addAll(w, rec, records[i:i+1000])
		w.mu.Lock()
		highest = max(highest, w.memory+w.slabs.bytes)
		w.mu.Unlock()
	}
	if most := 2*limit + 2*maxSlab*runSize; highest > most {
		t.Errorf("%d bytes, more than %d", highest, most)
	}
	if err := rec.Finish(t.Context()); err != nil {
		t.Error(err)
	}
	checkVector(t, out.Bytes(), testVector(records, testBase, 1))
}

type blockingWriter struct {
	bytes.Buffer
	release chan struct{}
}

func (w *blockingWriter) Write(p []byte) (int, error) {
	<-w.release
	return w.Buffer.Write(p)
}

func TestRecorderEnds(t *testing.T) {
	records := testRecords(6, 20000)
	fill := func(rec *Recorder) {
		for _, r := range records {
			rec.Add(r)
		}
	}
	t.Run("cancelled", func(t *testing.T) {
		w := NewWriters(WritersConfig{Workers: 1})
		defer w.Close()
		blocked := &blockingWriter{release: make(chan struct{})}
		rec := NewRecorder(w, RecorderConfig{Name: "x", Output: blocked})
		fill(rec)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		time.AfterFunc(10*time.Millisecond, func() { close(blocked.release) })
		if err := rec.Finish(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		checkMemory(t, w)
	})
	t.Run("closed", func(t *testing.T) {
		w := NewWriters(WritersConfig{TempDir: t.TempDir(), MemoryLimit: 1, MemoryMax: 1 << 30})
		rec := NewRecorder(w, RecorderConfig{Name: "x", Output: io.Discard})
		fill(rec)
		w.Close()
		fill(rec)
		w.Start(testBase)
		for _, rec := range []*Recorder{rec, NewRecorder(w, RecorderConfig{Output: io.Discard})} {
			if err := rec.Finish(t.Context()); !errors.Is(err, ErrWritersClosed) {
				t.Error(err)
			}
		}
	})
}

// The receiver allocates nothing but slabs, and these are used again.
func TestRecorderAddAllocations(t *testing.T) {
	w := NewWriters(WritersConfig{})
	defer w.Close()
	rec := NewRecorder(w, RecorderConfig{Output: io.Discard})
	var record Record
	if n := testing.AllocsPerRun(1000, func() {
		rec.Add(record)
		record.Seq++
	}); n != 0 {
		t.Errorf("%v allocations per record of a run", n)
	}
	if n := testing.AllocsPerRun(1, func() {
		for range minSlab/2 - 2 {
			rec.Add(record)
			record.Seq++
			record.Time += 7
		}
	}); n != 0 {
		t.Errorf("%v allocations for half a slab", n)
	}
}

func TestNextSlabSize(t *testing.T) {
	for _, tt := range []struct {
		size int
		took int64
		want int
	}{
		{64, 1000, 128}, {64, 100_000, 64}, {64, 10_000_000, 64}, {8192, 1, 8192},
		{8192, 300_000, 4096}, {128, 300_000, 64}, {128, -5_000_000, 256},
	} {
		if got := nextSlabSize(tt.size, tt.took); got != tt.want {
			t.Errorf("%d full after %d us: %d, want %d", tt.size, tt.took, got, tt.want)
		}
	}
	pool := slabPool{limit: 1 << 20}
	for size := minSlab; size <= maxSlab; size *= 2 {
		runs := pool.get(size)
		if cap(runs) != size || len(runs) != 0 {
			t.Errorf("size %d: %d", size, cap(runs))
		}
		pool.put(runs)
		again := pool.get(size)
		if &runs[:1][0] != &again[:1][0] {
			t.Errorf("size %d is not used again", size)
		}
	}
}

func TestIdleGate(t *testing.T) {
	look := func(user, nice, idle uint64) []sys.CPUTimes {
		return []sys.CPUTimes{{}, {User: user, Nice: nice, Idle: idle}, {User: 2 * user, IOWait: idle}}
	}
	for _, tt := range []struct {
		name string
		next []sys.CPUTimes
		want bool
	}{
		{"busy", look(200, 0, 0), false},
		{"no time passed", look(100, 0, 0), false},
		{"idle", look(120, 0, 80), true},
		{"only the writer", look(100, 100, 0), true},
		{"a little idle", look(200, 10, 10), false},
	} {
		looks := [][]sys.CPUTimes{look(100, 0, 0), tt.next}
		g := &idleGate{read: func() ([]sys.CPUTimes, error) {
			next := looks[0]
			looks = looks[1:]
			return next, nil
		}}
		for range 2 { // the second is too soon to look again
			if g.open() {
				t.Errorf("%s: open at the first look", tt.name)
			}
		}
		g.at = g.at.Add(-gateInterval)
		if got := g.open(); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func BenchmarkRecorderAdd(b *testing.B) {
	for _, length := range []uint64{1, 4, 100} {
		b.Run(fmt.Sprintf("runs=%d", length), func(b *testing.B) {
			w := NewWriters(WritersConfig{})
			defer w.Close()
			rec := NewRecorder(w, RecorderConfig{Output: io.Discard})
			rec.failed = errFull // nothing is kept
			record := Record{Length: 1400, Frames: 1}
			b.ReportAllocs()
			for b.Loop() {
				if record.Seq%length == 0 {
					record.Time++
				}
				rec.Add(record)
				record.Seq++
			}
		})
	}
}

// BenchmarkRecorder is the writing after a run: lines per second.
func BenchmarkRecorder(b *testing.B) {
	for _, compress := range []bool{false, true} {
		b.Run(fmt.Sprintf("bzip2=%v", compress), func(b *testing.B) {
			records := testRecords(1, 200000)
			for b.Loop() {
				w := NewWriters(WritersConfig{MemoryLimit: 1 << 30})
				rec := NewRecorder(w, RecorderConfig{Output: io.Discard, Compress: compress})
				for _, r := range records {
					rec.Add(r)
				}
				if err := rec.Finish(b.Context()); err != nil {
					b.Fatal(err)
				}
				w.Close()
			}
			b.ReportMetric(float64(len(records)*b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
