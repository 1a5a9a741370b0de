//go:build linux

package lab

import (
	"os"
	"testing"
	"time"
)

func TestUnnamedFiles(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "unnamed")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := os.Remove(file.Name()); err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("12345"); err != nil {
		t.Fatal(err)
	}
	for _, size := range UnnamedFiles(os.Getpid()).Sizes {
		if size == 5 {
			return
		}
	}
	t.Error("the file was not seen")
}

func TestWritten(t *testing.T) {
	start := time.Unix(1000, 0)
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	looks := []FileSizes{
		{second(0), map[uint64]int64{1: 0, 2: 0}},
		{second(1), map[uint64]int64{1: 25, 2: 1000}},
		{second(2), map[uint64]int64{1: 60, 2: 2000}},
		{second(3), map[uint64]int64{1: 100, 2: 2000}},
		{second(4), map[uint64]int64{2: 2000}},
		{second(5), nil},
	}
	tests := []struct {
		name     string
		final    int64
		share    float64
		complete int
		ok       bool
	}{
		{"seen complete", 100, 0.25, 3, true},
		{"gone before it was seen complete", 125, 0.2, 4, true},
		{"none", 500, 0, 0, false},
	}
	for _, test := range tests {
		share, complete, ok := Written(looks, test.final, second(1).Add(time.Millisecond))
		if ok != test.ok || share != test.share || ok && !complete.Equal(second(test.complete)) {
			t.Errorf("%s: got %g, %v, %v, want %g and look %d", test.name, share, complete, ok, test.share, test.complete)
		}
	}
}
