package stats

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// written returns a result file with some text in it.
func written(t *testing.T, path, text string) *ResultFile {
	t.Helper()
	f, err := CreateResult(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return f
}

// contents returns what is in a directory, as "name=text" with blanks between.
func contents(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.Name()+"="+string(text))
	}
	return strings.Join(all, " ")
}

func TestResultFile(t *testing.T) {
	tests := []struct {
		name string
		end  func(*testing.T, *ResultFile)
		want string
	}{
		{"commit", func(t *testing.T, f *ResultFile) {
			for range 2 {
				if err := f.Commit(); err != nil {
					t.Error(err)
				}
			}
			f.Abort()
		}, "run.sca=new run.sca.partial=before"},
		{"complete, then commit", func(t *testing.T, f *ResultFile) {
			if err := errors.Join(f.Complete(), f.Complete()); err != nil || !f.Replaces() {
				t.Error(err, f.Replaces())
			}
			if _, err := f.Write([]byte("more")); err == nil {
				t.Error("it is still written")
			}
			if err := f.Commit(); err != nil {
				t.Error(err)
			}
		}, "run.sca=new run.sca.partial=before"},
		{"complete, then abort", func(t *testing.T, f *ResultFile) {
			if err := f.Complete(); err != nil {
				t.Error(err)
			}
			f.Abort()
		}, "run.sca=old run.sca.partial=before"},
		{"failed", func(t *testing.T, f *ResultFile) {
			name, err := f.CommitFailed()
			if err != nil || filepath.Base(name) != "run.sca.failed" {
				t.Error(name, err)
			}
		}, "run.sca=old run.sca.failed=new run.sca.partial=before"},
		{"abort", func(_ *testing.T, f *ResultFile) { f.Abort(); f.Abort() }, "run.sca=old run.sca.partial=before"},
		{"partial", func(t *testing.T, f *ResultFile) {
			name, err := f.CommitPartial()
			if err != nil || filepath.Base(name) != "run.sca.partial-2" {
				t.Error(name, err)
			}
		}, "run.sca=old run.sca.partial=before run.sca.partial-2=new"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "run.sca")
			for name, text := range map[string]string{path: "old", path + ".partial": "before"} {
				if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			f := written(t, path, "new")
			if f.Path() != path {
				t.Errorf("path %s", f.Path())
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
				t.Errorf("in between: %q, %v", got, err)
			}
			tt.end(t, f)
			if got := contents(t, dir); got != tt.want {
				t.Errorf("left: %s, want %s", got, tt.want)
			}
			if _, err := f.Write([]byte("x")); !errors.Is(err, fs.ErrClosed) || !strings.Contains(err.Error(), path) {
				t.Errorf("write afterwards: %v", err)
			}
		})
	}
}

func TestResultFileThroughLink(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	if err := os.WriteFile(real, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real", link); err != nil {
		t.Skip(err)
	}
	if err := written(t, link, "new").Commit(); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(real); string(got) != "new" {
		t.Errorf("behind the link: %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", info, err)
	}
}

func TestResultFileErrors(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "missing", "run.sca"), dir} {
		if _, err := CreateResult(path); err == nil || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), ".tmp-") {
			t.Errorf("%s: %v", path, err)
		}
	}
	// The directory vanishes under an open file.
	gone := filepath.Join(dir, "gone")
	if err := os.Mkdir(gone, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(gone, "run.sca")
	f := written(t, path, "new")
	if err := os.RemoveAll(gone); err != nil {
		t.Skip(err) // not with open files here
	}
	for range 2 {
		if err := f.Commit(); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), ".tmp-") {
			t.Errorf("commit: %v", err)
		}
	}
}

// A device is written directly, and says when it is full.
func TestResultFileDevice(t *testing.T) {
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("no " + full)
	}
	f := written(t, full, "small")
	if err := f.Commit(); err == nil || !strings.Contains(err.Error(), full) {
		t.Errorf("commit: %v", err)
	}
	f = written(t, full, "small")
	if _, err := f.Write(make([]byte, 2*resultBuffer)); err == nil || !strings.Contains(err.Error(), full) {
		t.Errorf("write: %v", err)
	}
	if err := f.Commit(); err == nil {
		t.Error("commit after an error")
	}
	if _, err := os.Stat(full); err != nil {
		t.Error(err)
	}
}
