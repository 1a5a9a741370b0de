package stats

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"testing"
)

// bzip2Input returns n bytes of a kind: vector text, bytes that do not
// compress, one byte repeated, runs of four (which bzip2's first step makes
// longer by a quarter).
func bzip2Input(kind string, n int) []byte {
	b := make([]byte, 0, n+maxVectorLine)
	switch kind {
	case "vector":
		r := rand.New(rand.NewPCG(1, 1))
		v := FlowVector{}
		record := Record{Time: 1795216404798393, Length: 1400, Frames: 1}
		for len(b) < n {
			record.Time += r.Int64N(8)
			record.Sent = record.Time - r.Int64N(300)
			b = v.Append(b, &record)
			record.Seq++
		}
	case "random":
		r := rand.NewChaCha8([32]byte{7})
		b = b[:n]
		_, _ = r.Read(b)
	case "same":
		b = bytes.Repeat([]byte{'0'}, n)
	case "fours":
		for i := 0; len(b) < n; i++ {
			b = append(b, bytes.Repeat([]byte{byte(i)}, 4)...)
		}
	}
	return b[:n]
}

// compressed writes data in pieces of that size.
func compressed(t *testing.T, data []byte, workers, piece int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := NewBzip2Writer(&out, workers)
	for rest := data; len(rest) > 0; {
		n := min(piece, len(rest))
		if m, err := z.Write(rest[:n]); err != nil || m != n {
			t.Fatalf("wrote %d of %d: %v", m, n, err)
		}
		rest = rest[n:]
	}
	for range 2 {
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := z.Write([]byte("x")); err == nil {
		t.Error("write after close")
	}
	return out.Bytes()
}

func TestBzip2Writer(t *testing.T) {
	check := func(t *testing.T, data []byte, workers int) {
		out := compressed(t, data, workers, 10007)
		if len(data) == 0 && len(out) != 14 {
			t.Errorf("an empty stream has %d bytes, not 14", len(out))
		}
		got, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(out)))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%d bytes back, error %v", len(got), err)
		}
	}
	sizes := []int{0, 1, 100, bzip2BlockSize - 1, bzip2BlockSize, bzip2BlockSize + 1, 3 * bzip2BlockSize}
	kinds := []string{"vector", "random", "same", "fours"}
	if raceDetector {
		sizes, kinds = []int{0, 1, 2*bzip2BlockSize + 1}, kinds[:1]
	}
	for _, kind := range kinds {
		for _, size := range sizes {
			for _, workers := range []int{1, 3} {
				t.Run(fmt.Sprintf("%s/%d/%d", kind, size, workers), func(t *testing.T) {
					check(t, bzip2Input(kind, size), workers)
				})
			}
		}
	}
	if !raceDetector {
		t.Run("several MB", func(t *testing.T) { check(t, bzip2Input("vector", 3<<20), 2) })
	}
}

// Other programs take the whole stream: bunzip2, and Python's module, which
// says whether anything comes after the first stream.
func TestBzip2OtherReaders(t *testing.T) {
	const script = `import bz2, sys
d = bz2.BZ2Decompressor()
sys.stdout.buffer.write(d.decompress(sys.stdin.buffer.read()))
assert d.eof and not d.unused_data`
	readers := [][]string{{"bunzip2", "-c"}, {"python3", "-c", script}}
	for _, reader := range readers {
		t.Run(reader[0], func(t *testing.T) {
			if _, err := exec.LookPath(reader[0]); err != nil {
				t.Skipf("%s is not installed", reader[0])
			}
			sizes := []int{0, 1, bzip2BlockSize + 1, 2*bzip2BlockSize + 777}
			if raceDetector {
				sizes = sizes[:2]
			}
			for _, kind := range []string{"vector", "random", "same", "fours"} {
				for _, size := range sizes {
					data := bzip2Input(kind, size)
					cmd := exec.Command(reader[0], reader[1:]...)
					cmd.Stdin = bytes.NewReader(compressed(t, data, 2, 100000))
					got, err := cmd.Output()
					if err != nil || !bytes.Equal(got, data) {
						t.Errorf("%s, %d bytes: %d back, error %v", kind, size, len(got), err)
					}
				}
			}
		})
	}
}

// The joiner puts bits at any offset.
func TestBitJoiner(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		var j bitJoiner
		var got, want []byte
		bitsOf := func(b []byte, n int) {
			for i := range n {
				want = append(want, b[i/8]>>(7-i%8)&1)
			}
		}
		for range 1 + r.IntN(6) {
			n := 1 + r.IntN(300)
			src := bzip2Input("random", (n+7)/8)
			got = j.appendBits(got, src, n)
			bitsOf(src, n)
		}
		if j.used > 0 {
			got = append(got, j.partial)
		}
		if len(got) != (len(want)+7)/8 {
			t.Fatalf("%d bytes for %d bits", len(got), len(want))
		}
		for i := range 8 * len(got) {
			bit := byte(0)
			if i < len(want) {
				bit = want[i]
			}
			if got[i/8]>>(7-i%8)&1 != bit {
				t.Fatalf("bit %d of %d is wrong", i, len(want))
			}
		}
	}
}

type failingWriter struct{ left int }

var errFull = errors.New("full")

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestBzip2WriteErrors(t *testing.T) {
	data := bzip2Input("random", 4*bzip2BlockSize)
	for _, room := range []int{0, 13, bzip2BlockSize} {
		z := NewBzip2Writer(&failingWriter{room}, 2)
		n, err := z.Write(data)
		if !errors.Is(err, errFull) || n >= len(data) {
			t.Errorf("room %d: wrote %d, %v", room, n, err)
		}
		if _, err := z.Write(data); !errors.Is(err, errFull) {
			t.Errorf("room %d: second write: %v", room, err)
		}
		for range 2 {
			if err := z.Close(); !errors.Is(err, errFull) {
				t.Errorf("room %d: close: %v", room, err)
			}
		}
	}
	z := NewBzip2Writer(&failingWriter{13}, 1)
	if err := z.Close(); !errors.Is(err, errFull) {
		t.Errorf("an empty stream: %v", err)
	}
}

func BenchmarkBzip2Writer(b *testing.B) {
	data := bzip2Input("vector", 32*bzip2BlockSize)
	for _, workers := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				z := NewBzip2Writer(io.Discard, workers)
				if _, err := z.Write(data); err != nil {
					b.Fatal(err)
				}
				if err := z.Close(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(bytes.Count(data, []byte{'\n'})*b.N)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
