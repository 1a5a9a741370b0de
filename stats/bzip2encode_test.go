package stats

import (
	"bytes"
	"compress/bzip2"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
)

// checkBlocks has an encoder compress texts one after the other into one stream,
// which must have all of them.
func checkBlocks(t *testing.T, e *blockEncoder, texts ...[]byte) {
	t.Helper()
	var j bitJoiner
	var stream []byte
	for _, text := range texts {
		stream = j.join(stream, e.encode(text))
	}
	stream = j.finish(stream)
	got, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(stream)))
	want := bytes.Join(texts, nil)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%.40q...: %d bytes back, not %d, error %v", want, len(got), len(want), err)
	}
}

func TestEncodeShortTexts(t *testing.T) {
	var texts [][]byte
	for a := range 256 {
		for _, n := range []int{1, 2, 3, 4, 5, 254, 255, 256, 259, 260, 512, 1000} {
			texts = append(texts, bytes.Repeat([]byte{byte(a)}, n))
		}
		step := 1
		if raceDetector {
			step = 16
		}
		for b := 0; b < 256; b += step {
			texts = append(texts, []byte{byte(a), byte(b)})
		}
	}
	for n := 3; n <= 11; n++ {
		for pattern := range 1 << n {
			text := make([]byte, n)
			for i := range text {
				text[i] = 'a' + byte(pattern>>i&1)
			}
			texts = append(texts, text)
		}
	}
	checkBlocks(t, &blockEncoder{}, texts...)
}

// periodic has texts of full and nearly full blocks that repeat over any
// distance, also not quite.
func periodic() (texts [][]byte) {
	r := rand.New(rand.NewPCG(2, 2))
	for _, period := range []int{1, 2, 3, 5, 50, 255, 256, 257, 1000, 4096, 30000, bzip2BlockSize / 2} {
		for _, values := range []int{2, 10, 17, 33, 256} {
			part := make([]byte, period)
			for i := range part {
				part[i] = byte(r.IntN(values))
			}
			text := bytes.Repeat(part, bzip2BlockSize/period+1)
			disturbed := bytes.Clone(text[:bzip2BlockSize])
			disturbed[r.IntN(bzip2BlockSize)]++
			texts = append(texts, text[:bzip2BlockSize/period*period], text[:bzip2BlockSize-7], disturbed)
		}
	}
	return texts
}

func TestEncodePeriodicTexts(t *testing.T) {
	var e blockEncoder
	texts := periodic()
	if raceDetector {
		texts = texts[:6]
	}
	for _, text := range texts {
		checkBlocks(t, &e, text)
	}
}

// Frequencies like Fibonacci's numbers would give the longest codes.
func TestCodeLengthsAreLimited(t *testing.T) {
	var h huffman
	for n := 3; n <= maxCodes; n++ {
		frequencies, lengths := make([]uint32, n), make([]uint8, n)
		a, b := uint32(0), uint32(1)
		for i := range frequencies {
			frequencies[i] = a
			if b < 1<<20 {
				a, b = b, a+b
			}
		}
		h.lengths(lengths, frequencies)
		sum := 0 // Kraft's: 1 for a complete code
		for _, l := range lengths {
			sum += 1 << maxCodeLength >> l
		}
		if slices.Min(lengths) < 1 || slices.Max(lengths) > maxCodeLength || sum != 1<<maxCodeLength {
			t.Errorf("%d codes: %d, sum %d", n, lengths, sum)
		}
	}
	text := []byte{'z'}
	for a, b := 1, 1; len(text)+a < bzip2BlockSize; a, b = b, a+b {
		for i := range a {
			text = append(text, byte(a), byte(i*i>>3))
		}
	}
	checkBlocks(t, &blockEncoder{}, text[:min(len(text), bzip2BlockSize)])
}

// Both ways to transform agree with the definition.
func TestTransform(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var transformer transformer
	for round := range 3000 {
		n, symbols := 1+r.IntN(1+round/10), 1+r.IntN(1+round%40)
		text := make([]byte, n+1)
		for i := range n {
			text[i+1] = byte(r.IntN(symbols))
		}
		if round%3 == 0 { // periodic
			copy(text[1+n/2:], text[1:])
		}
		text[0] = text[n]
		var used [256]bool
		symbols = number(text, &used)

		ring := append(text[1:], text[1:]...)
		rotations := make([][]byte, n)
		for i := range n {
			rotations[i] = ring[i : i+n]
		}
		first := rotations[0]
		slices.SortFunc(rotations, bytes.Compare)
		var want []byte
		for _, rotation := range rotations {
			want = append(want, rotation[n-1])
		}
		got, gotAny := make([]byte, n), make([]byte, n)
		for way, origin := range []int{transformer.transform(text, symbols, got), transformAny(text, symbols, gotAny)} {
			if !bytes.Equal(got, want) || !bytes.Equal(gotAny, want) || !bytes.Equal(rotations[origin], first) {
				t.Fatalf("%d, %d: %d and %d, not %d; origin %d", way, text[1:], got, gotAny, want, origin)
			}
		}
	}
}

func TestEncoderReusesItsMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the detector allocates")
	}
	for _, kind := range []string{"vector", "random"} {
		text := bzip2Input(kind, bzip2BlockSize)
		var e blockEncoder
		e.encode(text)
		if n := testing.AllocsPerRun(3, func() { e.encode(text) }); n != 0 {
			t.Errorf("%s: %v allocations", kind, n)
		}
	}
}

func FuzzBzip2(f *testing.F) {
	for _, kind := range []string{"vector", "random", "same", "fours"} {
		f.Add(bzip2Input(kind, 700), uint16(3))
	}
	f.Add([]byte("ab"), uint16(40000))
	f.Fuzz(func(t *testing.T, part []byte, times uint16) {
		if len(part) == 0 {
			return
		}
		text := bytes.Repeat(part, 1+min(int(times), 2*bzip2BlockSize/len(part)))
		out := compressed(t, text, 2, len(text))
		got, err := io.ReadAll(bzip2.NewReader(bytes.NewReader(out)))
		if err != nil || !bytes.Equal(got, text) {
			t.Errorf("%d bytes back, not %d, error %v", len(got), len(text), err)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	for _, kind := range []string{"vector", "random", "same", "fours"} {
		b.Run(kind, func(b *testing.B) {
			text := bzip2Input(kind, bzip2BlockSize)
			var e blockEncoder
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				e.encode(text)
			}
		})
	}
}
