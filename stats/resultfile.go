package stats

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
)

// resultBuffer collects small writes, like the pieces of 1400 bytes in which
// results come.
const resultBuffer = 16 << 10

// ResultFile is a file that has its name only when it is complete: until
// Commit it grows under a temporary name beside it, and an earlier result of
// that name stays as it is. It belongs to one goroutine.
type ResultFile struct {
	path string // as given, for errors
	name string // what Commit renames to: links resolved
	temp string // "" if it is written directly
	over bool   // there was a file of that name at the beginning
	file *os.File
	w    *bufio.Writer // nil before the first write
	err  error         // the first one
	full bool          // all is written and the file closed
	done bool
}

// CreateResult creates a file that will become path. What is not a regular
// file, like a device or a pipe, is written directly. All errors of a
// ResultFile name the path.
func CreateResult(path string) (*ResultFile, error) {
	r := &ResultFile{path: path, name: path}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		r.name = target // else renaming would replace the link
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, r.wrap("creating", errors.New("is a directory"))
	case err == nil && !info.Mode().IsRegular():
		r.file, err = os.OpenFile(path, os.O_WRONLY, 0)
	default:
		r.over = err == nil
		err = r.createTemp()
	}
	if err != nil {
		return nil, r.wrap("creating", err)
	}
	return r, nil
}

// createTemp does what os.CreateTemp does, but leaves the permissions to the
// user's umask, as for any file.
func (r *ResultFile) createTemp() (err error) {
	dir, base := filepath.Split(r.name)
	for range 100 {
		temp := dir + "." + base + ".tmp-" + strconv.FormatUint(rand.Uint64(), 36)
		r.file, err = os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil {
			r.temp = temp
			return nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return err
}

// Path returns the name that the file will have, as it was given.
func (r *ResultFile) Path() string { return r.path }

// Write buffers. After an error nothing more is written, and every call returns
// that error.
func (r *ResultFile) Write(p []byte) (n int, err error) {
	if r.done || r.full {
		return 0, r.wrap("writing", fs.ErrClosed)
	}
	if r.err != nil {
		return 0, r.err
	}
	if r.w == nil {
		r.w = bufio.NewWriterSize(r.file, resultBuffer)
	}
	if n, err = r.w.Write(p); err != nil {
		r.err = r.wrap("writing", err)
	}
	return n, r.err
}

// Commit completes the file: it replaces an earlier one of its name. After an
// error the earlier one is still there, and what was written is removed.
func (r *ResultFile) Commit() error {
	if r.done {
		return r.err
	}
	return r.finish(r.name)
}

// Replaces tells whether Commit replaces a file that was there before.
func (r *ResultFile) Replaces() bool { return r.over }

// Complete ends the writing and leaves the file without its name, so that it
// can be told later whether it is to replace an earlier one: one of Commit,
// CommitFailed and Abort has to follow.
func (r *ResultFile) Complete() error {
	if !r.done && !r.full {
		r.close()
		if r.err != nil {
			r.Abort()
		}
	}
	return r.err
}

// CommitFailed completes the file of a run that failed. An earlier file of its
// name stays: then the name gets ".failed" behind it, and a number if there is
// such a file already. It returns the name.
func (r *ResultFile) CommitFailed() (name string, err error) {
	if !r.over {
		return r.path, r.Commit()
	}
	return r.commitAside(".failed")
}

// CommitPartial keeps an incomplete file under another name, so that nobody
// takes it for a result: the path with ".partial" and, if there is such a file
// already, a number behind it. It returns that name.
func (r *ResultFile) CommitPartial() (name string, err error) {
	return r.commitAside(".partial")
}

// commitAside completes the file under its name with something behind it.
func (r *ResultFile) commitAside(behind string) (name string, err error) {
	if r.done {
		return "", r.err
	}
	if r.temp == "" {
		return r.path, r.finish(r.path)
	}
	for i := 1; ; i++ {
		suffix := behind
		if i > 1 {
			suffix += "-" + strconv.Itoa(i)
		}
		if _, err := os.Lstat(r.name + suffix); errors.Is(err, fs.ErrNotExist) || i == 1000 {
			return r.path + suffix, r.finish(r.name + suffix)
		}
	}
}

// Abort removes what was written. After Commit it does nothing, so that it can
// be deferred.
func (r *ResultFile) Abort() {
	if r.done {
		return
	}
	r.done = true
	if !r.full {
		_ = r.file.Close()
	}
	if r.temp != "" {
		_ = os.Remove(r.temp) // nothing depends on it
	}
}

// close writes what is buffered.
func (r *ResultFile) close() {
	r.full = true
	if r.err == nil && r.w != nil {
		if err := r.w.Flush(); err != nil {
			r.err = r.wrap("writing", err)
		}
	}
	if err := r.file.Close(); err != nil && r.err == nil {
		r.err = r.wrap("closing", err)
	}
}

func (r *ResultFile) finish(name string) error {
	if !r.full {
		r.close()
	}
	if r.err == nil && r.temp != "" {
		if err := os.Rename(r.temp, name); err != nil {
			r.err = r.wrap("renaming", err)
		}
	}
	if r.err != nil {
		r.Abort()
	}
	r.done = true
	return r.err
}

// wrap names the path instead of the temporary name that os puts into errors.
func (r *ResultFile) wrap(what string, err error) error {
	var pathError *fs.PathError
	var linkError *os.LinkError
	switch {
	case errors.As(err, &pathError):
		err = pathError.Err
	case errors.As(err, &linkError):
		err = linkError.Err
	}
	return fmt.Errorf("%s %s: %w", what, r.path, err)
}
