//go:build linux

// Package vm is a small virtual machine with what the kernel of a test machine lacks, SCTP, DCCP and netem: Debian's
// own kernel under qemu, emulated, so that it needs no rights and no hardware. It is for behaviour; its speed says
// nothing.
//
// It boots once for many cases. A case is a shell script with a time limit; it runs as root in namespaces of its own,
// with the functions of guest/lab.sh, and these programs beside busybox, ip, tc and tcpdump:
//
//	ours        the program under test
//	reference   Debian's netperfmeter
//	NAME.test   test binaries of the packages in Config.Tests
//
// What it leaves in its working directory comes back with its output and exit status. Cases may run at the same time.
//
// A developer runs one case with
//
//	go test ./test/vm -run TestVM/dccp-ours -v
//
// The machine has one goroutine that reads results and one that waits for qemu, both ended by Close. It ends with the
// test process, however that ends: qemu is killed with the thread that started it, and the runner inside switches the
// machine off when its other end has gone.
package vm

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/vm/internal/cases"
)

// Config is what a machine is made of.
type Config struct {
	// Tests are packages, relative to the module's folder, whose test binaries are put into the machine.
	Tests []string
	// Limit is after what time the machine is killed; default 10 min.
	Limit time.Duration
}

// Case is a shell script to run in the machine; the first command that fails ends it.
type Case struct {
	Script string
	// Files are put into the working directory, by their path in it.
	Files map[string][]byte
	Limit time.Duration // after which it is killed; default 60 s
}

// Result is how a case ended.
type Result struct {
	cases.Result
}

// Okay fails the test unless the script ended with exit status 0.
func (r Result) Okay(t testing.TB) {
	t.Helper()
	if r.Code != 0 || r.TimedOut {
		t.Fatalf("exit status %d after %v (killed at its limit: %v)\n%s", r.Code, r.Elapsed.Round(time.Millisecond), r.TimedOut, r.All())
	}
}

// All is all that was said: the output, and what files with names like passive.log hold.
func (r Result) All() string {
	all := excerpt(r.Output)
	for name, content := range r.Files {
		if strings.HasSuffix(name, ".log") {
			all += fmt.Sprintf("\n--- %s\n%s", name, excerpt(string(content)))
		}
	}
	return all
}

func excerpt(s string) string {
	const most = 6000
	if len(s) <= 2*most {
		return s
	}
	return s[:most] + "\n[...]\n" + s[len(s)-most:]
}

// File returns a file that the case has left behind; none of that name fails the test.
func (r Result) File(t testing.TB, name string) []byte {
	t.Helper()
	content, ok := r.Files[name]
	if !ok {
		t.Fatalf("no file %q\n%s", name, r.All())
	}
	return content
}

// Save writes all that the case has left behind into a folder that lasts as long as the test.
func (r Result) Save(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range r.Files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
