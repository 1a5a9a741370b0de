//go:build unix

package sys

import (
	"os"
	"testing"
)

// The way for file systems that have no unnamed files.
func TestUnlinkedFile(t *testing.T) {
	dir := t.TempDir()
	f, err := unlinkedFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("the directory holds %v", left)
	}
	if _, err := f.WriteString("x"); err != nil {
		t.Error(err)
	}
}

func TestDescriptorLimit(t *testing.T) {
	if n, err := DescriptorLimit(); err != nil || n == 0 {
		t.Errorf("DescriptorLimit() = %d, %v", n, err)
	}
}
