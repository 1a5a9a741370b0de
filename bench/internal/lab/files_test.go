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
		{second(4), map[uint64]int64{1: 100}},
	}
	share, complete, ok := Written(looks, 100, second(1).Add(time.Millisecond))
	if !ok || share != 0.25 || !complete.Equal(second(3)) {
		t.Errorf("got %g, %v, %v, want 0.25 and the fourth look", share, complete, ok)
	}
	if _, _, ok := Written(looks, 99, start); ok {
		t.Error("a file was found that there is not")
	}
}
