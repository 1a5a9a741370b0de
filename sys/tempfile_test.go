package sys

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestTempFileHasNoName(t *testing.T) {
	dir := t.TempDir()
	f, err := TempFile(dir)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("the directory holds %v", left)
		}
	}
	if _, err := f.WriteString("records"); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 7)
	if _, err := f.ReadAt(b, 0); err != nil && err != io.EOF || string(b) != "records" {
		t.Errorf("read back %q, %v", b, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("the directory holds %v after Close", left)
	}
}

func TestTempFileNamesTheDirectoryThatIsNotThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "missing")
	_, err := TempFile(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("TempFile: %v, want fs.ErrNotExist", err)
	}
}
