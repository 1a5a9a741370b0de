//go:build linux

package vm

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path"
	"sort"
)

// An archive is what an initramfs holds, by path without a leading slash.
type archive map[string]entry

// An entry is a folder, a symbolic link, a file of this machine, or a file with its contents.
type entry struct {
	mode    uint32
	link    string
	source  string
	content []byte
}

const (
	modeFolder = 0o040755
	modeFile   = 0o100755
	modeLink   = 0o120777
)

// add adds an entry and the folders above it.
func (a archive) add(name string, e entry) {
	a[name] = e
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		a[dir] = entry{mode: modeFolder}
	}
}

// write writes the archive in the kernel's "newc" form: for each entry 13 numbers of eight hexadecimal digits, the
// name, the contents, both padded to four bytes (buffer-format.rst in the kernel's documentation).
func (a archive) write(to io.Writer) error {
	w := bufio.NewWriterSize(to, 1<<20)
	names := make([]string, 0, len(a))
	for name := range a {
		names = append(names, name)
	}
	sort.Strings(names) // a folder comes before what is in it
	for i, name := range names {
		if err := writeEntry(w, i+1, name, a[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if err := writeEntry(w, 0, "TRAILER!!!", entry{}); err != nil {
		return err
	}
	return w.Flush()
}

func writeEntry(w *bufio.Writer, inode int, name string, e entry) error {
	content := e.content
	switch {
	case e.link != "":
		content = []byte(e.link)
	case e.source != "":
		var err error
		if content, err = os.ReadFile(e.source); err != nil {
			return err
		}
	}
	header := fmt.Sprintf("070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s\x00",
		inode, e.mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name)+1, 0, name)
	for _, part := range [][]byte{[]byte(header), content} {
		if _, err := w.Write(part); err != nil {
			return err
		}
		if _, err := w.Write(make([]byte, -len(part)&3)); err != nil {
			return err
		}
	}
	return nil
}
