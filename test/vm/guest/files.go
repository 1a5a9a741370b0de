//go:build linux

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// maxFiles is how much a case may leave behind, in bytes: the machine's memory holds it twice.
const maxFiles = 128 << 20

// write puts files into a folder.
func write(dir string, files map[string][]byte) error {
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o755); err != nil {
			return err
		}
	}
	return nil
}

// collect reads the files in a folder that are not among the given ones.
func collect(dir string, given map[string][]byte) (map[string][]byte, error) {
	files, total := map[string][]byte{}, 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if _, was := given[name]; err != nil || was {
			return err
		}
		content, err := os.ReadFile(path)
		if total += len(content); err == nil && total > maxFiles {
			err = fmt.Errorf("more than %d bytes are left in the working directory", maxFiles)
		}
		files[name] = content
		return err
	})
	return files, err
}

// output keeps the beginning and the end of what a case writes.
type output struct {
	mu sync.Mutex
	b  []byte
}

const outputPart = 256 << 10

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b = append(o.b, p...)
	if len(o.b) > 4*outputPart {
		kept := append(o.b[:outputPart:outputPart], "\n[...]\n"...)
		o.b = append(kept, o.b[len(o.b)-outputPart:]...)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.b)
}
