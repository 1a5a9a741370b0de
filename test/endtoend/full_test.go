//go:build linux

package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// withSmallDisk is a command that runs in a mount namespace of its own, where
// folder is a file system of some kilobytes; what is left in it is copied to
// folder.left.
func withSmallDisk(c lab.Command, folder string, kilobytes int) lab.Command {
	script := fmt.Sprintf(`mount -t tmpfs -o size=%dk none "$0" || exit 77
		"$@"; code=$?
		cp -r "$0" "$0.left"
		exit $code`, kilobytes)
	c.Args = append([]string{"--mount", "sh", "-c", script, folder, c.Name}, c.Args...)
	c.Name = "unshare"
	return c
}

var fullFlows = []string{"-tcp", "const6000:const100:const6000:const100", "-tcp", "const100:const100"}

var fullExpected = []expected{
	{id: 0, stream: true, outgoing: way{frame: travels(100, 16000)}, incoming: way{frame: travels(100, 16000)}},
	{id: 1, stream: true, outgoing: way{frame: travels(100, 16000)}, incoming: way{idle: true}}}

// TestFullDisk: a file that does not fit is named, with exit status 6, and
// leaves nothing behind that looks like a result; all others are written.
func TestFullDisk(t *testing.T) {
	lab.NeedTools(t, "unshare", "mount")
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	for _, test := range []struct {
		name           string
		scalar, vector string
		failing        string // is named by the error
	}{
		{"vectors", "r.sca", "disk/r.vec", "disk/r-passive-00000000-0000.vec"},
		{"compressed vectors", "r.sca.bz2", "disk/r.vec.bz2", "disk/r-passive-00000000-0000.vec.bz2"},
		{"scalars", "disk/r.sca", "r.vec", "disk/r-active.sca"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(dir+"/disk", 0o755); err != nil {
				t.Fatal(err)
			}
			size := 60
			if test.scalar == "disk/r.sca" {
				size = 4
			}
			args := append([]string{"127.0.0.1", "-runtime=1", "-config=r.config", "-scalar=" + test.scalar, "-vector=" + test.vector}, fullFlows...)
			r := n.Run(t, withSmallDisk(lab.Ours(t, args...), dir+"/disk", size).In(dir))
			if r.Code == 77 {
				lab.Unable(t, "cannot mount: %s", r.Stderr)
			}
			if r.Code != 6 || !strings.Contains(r.Stderr, test.failing) || !strings.Contains(r.Stderr, "no space left") {
				t.Errorf("want exit status 6 and the name of %s: %v", test.failing, r)
			}
			onDisk, _ := filepath.Glob(dir + "/disk.left/*")
			hidden, _ := filepath.Glob(dir + "/disk.left/.*")
			for _, left := range append(onDisk, hidden...) {
				if base := filepath.Base(left); base == filepath.Base(test.failing) || base[0] == '.' && len(base) > 2 {
					t.Errorf("left on the full disk: %s", left)
				}
			}
			if got := lab.ReadConfig(t, dir+"/r.config").Value["NUM_FLOWS"]; got != "2" {
				t.Errorf("configuration: NUM_FLOWS=%s", got)
			}
			if !strings.HasPrefix(test.scalar, "disk/") {
				agree(t, lab.ReadResults(t, dir, test.scalar, ""), fullExpected)
				return
			}
			for _, side := range []string{"active", "passive"} {
				if rows := lab.ReadGlobalVector(t, filepath.Join(dir, lab.SideFile(test.vector, side))); len(rows) == 0 {
					t.Errorf("global vector of the %s side is empty", side)
				}
				v := lab.ReadFlowVector(t, filepath.Join(dir, lab.FlowFile(test.vector, side, 0, 0)))
				if v.Lines == 0 {
					t.Errorf("%s is empty", v.Path)
				}
				v.Consistent(t)
			}
		})
	}
}

// TestFullDevice writes to a device that takes nothing.
func TestFullDevice(t *testing.T) {
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	dir := t.TempDir()
	args := append([]string{"127.0.0.1", "-runtime=0.3", "-config=/dev/full", "-scalar=r.sca", "-vector=r.vec"}, fullFlows...)
	r := n.Run(t, lab.Ours(t, args...).In(dir))
	exits(t, r, 6, "/dev/full")
	agree(t, lab.ReadResults(t, dir, "r.sca", "r.vec"), fullExpected)
	if info, err := os.Stat("/dev/full"); err != nil || info.Mode().IsRegular() {
		t.Fatalf("/dev/full has become a file: %v", err)
	}
}

// TestPassiveSideRunsOutOfSpace: it cannot keep its vectors until they are
// fetched. The active side says what is missing and writes all that came; the
// passive side serves the next measurement.
func TestPassiveSideRunsOutOfSpace(t *testing.T) {
	lab.NeedTools(t, "unshare", "mount")
	n := lab.Loopback(t)
	dir := t.TempDir()
	if err := os.Mkdir(dir+"/disk", 0o755); err != nil {
		t.Fatal(err)
	}
	c := withSmallDisk(lab.Ours(t, "9000"), dir+"/disk", 60).For(5 * time.Minute)
	c.Env = append(c.Env, "TMPDIR="+dir+"/disk")
	passive := n.Start(t, c)
	passive.Await(t, "listening", 20*time.Second, func() bool { return n.Listening("tcp", 9001) })
	for range 2 {
		out := t.TempDir()
		args := append([]string{"127.0.0.1", "-runtime=1", "-scalar=r.sca", "-vector=r.vec"}, fullFlows...)
		r := n.Run(t, lab.Ours(t, args...).In(out))
		if r.Code != 6 || r.TimedOut || !strings.Contains(r.Stderr, "r-passive-00000000-0000.vec.partial") {
			t.Errorf("want exit status 6 and the name of the partial file: %v", r)
		}
		if _, err := os.Stat(out + "/r-passive-00000000-0000.vec"); err == nil {
			t.Error("the partial vector looks like a whole one")
		}
		agree(t, lab.ReadResults(t, out, "r.sca", ""), fullExpected)
		own := lab.ReadFlowVector(t, out+"/r-active-00000000-0000.vec")
		if own.Lines == 0 {
			t.Error("this side's own vector is empty")
		}
	}
	if !strings.Contains(passive.Output(), "no space left") {
		t.Errorf("the passive side does not say why: %s", passive.Output())
	}
}
