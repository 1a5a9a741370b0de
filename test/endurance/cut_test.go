//go:build linux

package endurance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

const cutFlow = "const500:const1000:const500:const500"

// measureThrough measures through a proxy.
func measureThrough(t *testing.T, n *lab.Namespace, dir string) lab.Result {
	t.Helper()
	return n.Run(t, lab.Ours(t, "127.0.0.1:9100", impatient, "-runtime=0.3", "-config=r.config", "-scalar=r.sca", "-vector=r.vec", "-tcp", cutFlow, "-tcp", cutFlow).
		In(dir).For(100*time.Second))
}

// TestPassiveSideDiesAtEachStep: the passive side's death after each of its messages, or inside of one, ends the active
// side at once, with an error that says so. What it has itself is complete; what had come of the passive side's files is
// there and marked; and the files of an earlier run are as they were.
func TestPassiveSideDiesAtEachStep(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	whole := t.TempDir()
	var messages int64
	t.Run("count", func(t *testing.T) {
		p := startProxy(t, n, -1, reset)
		if r := measureThrough(t, n, whole); r.Code != 0 {
			t.Fatal(r)
		}
		messages = p.passed.Load()
	})
	earlier := read(t, whole)
	deaths, partial, kept := 0, 0, 0
	// The many RESULTS are all alike: the more messages there are, the fewer are tried.
	stride := 1 + int(messages)/40
	for after := 0; after < int(messages); after += stride {
		e := end(after / stride % 2)
		t.Run(fmt.Sprintf("%v after %d", e, after), func(t *testing.T) {
			startProxy(t, n, after, e)
			dir := t.TempDir()
			for name, content := range earlier {
				if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			r := measureThrough(t, n, dir)
			if r.Code == 0 && after >= int(messages)*3/4 {
				return // another number of messages was enough
			}
			if r.Code != 2 && r.Code != 5 && r.Code != 6 || r.TimedOut || r.Elapsed > 30*time.Second || !strings.Contains(r.Stderr, "netperfmeter: ") {
				t.Errorf("want exit status 2, 5 or 6, soon: %v", r)
			}
			deaths++
			p, k := afterFailure(t, dir, earlier)
			partial, kept = partial+p, kept+k
		})
	}
	t.Logf("%d messages, %d deaths: %d partial files of the passive side, %d files of the active side's own", messages, deaths, partial, kept)
	if partial == 0 || kept == 0 || deaths < 10 {
		t.Error("something was not seen at all")
	}
}

// TestPassiveSideFallsSilentAtEachStep: it does not answer any more, at some steps. That ends in a bounded time.
func TestPassiveSideFallsSilentAtEachStep(t *testing.T) {
	t.Parallel()
	for _, after := range []int{0, 1, 3, 5, 9} {
		t.Run(fmt.Sprintf("after %d", after), func(t *testing.T) {
			t.Parallel()
			n := lab.Loopback(t)
			n.StartPassive(t, 9000, "--quiet")
			startProxy(t, n, after, silent)
			r := measureThrough(t, n, t.TempDir())
			if r.Code != 2 && r.Code != 6 && r.Code != 0 || r.TimedOut || r.Code != 0 && !strings.Contains(r.Stderr, "no answer in time") {
				t.Errorf("want exit status 2 or 6 and the reason: %v", r)
			}
		})
	}
}

// read reads the files of a folder.
func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// afterFailure looks at the folder of a run that failed, where there were files of an earlier one: those are as they
// were; what there is beside them says of itself that it is partial, or of a run that failed; nothing else is left.
func afterFailure(t *testing.T, dir string, earlier map[string][]byte) (partial, kept int) {
	t.Helper()
	now := read(t, dir)
	for name, content := range earlier {
		if !bytes.Equal(now[name], content) {
			t.Errorf("%s of the earlier run is not what it was", name)
		}
	}
	for name := range now {
		base, ofFailed := strings.CutSuffix(name, ".failed")
		switch _, there := earlier[base]; {
		case earlier[name] != nil:
		case strings.HasSuffix(name, ".partial") && strings.Contains(name, "passive"):
			partial++
		case ofFailed && there:
			kept++
			if strings.HasSuffix(base, ".sca") {
				lab.ReadScalars(t, filepath.Join(dir, name))
			}
		default:
			t.Errorf("%s is left", name)
		}
	}
	return partial, kept
}
