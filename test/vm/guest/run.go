//go:build linux

package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"netperfmeter/test/vm/internal/cases"
)

// prelude prepares a case's namespaces and puts the script in its place. Its /tmp and /run are empty; /run is where
// ip netns keeps its names.
const prelude = `set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
ip link set lo up
. /lab.sh
set -eu
. "$0"
`

// run runs a case in a folder of its own.
func run(c cases.Case) cases.Result {
	begun := time.Now()
	r := cases.Result{ID: c.ID, Code: -1}
	dir, err := os.MkdirTemp("/cases", "")
	if err == nil {
		defer os.RemoveAll(dir)
		err = write(dir, c.Files)
	}
	script := dir + ".sh"
	if err == nil {
		defer os.Remove(script)
		err = os.WriteFile(script, []byte(c.Script), 0o644)
	}
	if err == nil {
		err = execute(c, script, dir, &r)
	}
	if err == nil {
		r.Files, err = collect(dir, c.Files)
	}
	if err != nil {
		r.Code = -1
		r.Output += fmt.Sprintf("\nguest: %v\n", err)
	}
	r.Elapsed = time.Since(begun)
	return r
}

// execute runs the script to its end or its limit.
func execute(c cases.Case, script, dir string, r *cases.Result) error {
	var out output
	cmd := exec.Command("/bin/sh", "-c", prelude, script)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(os.Environ(), "HOME="+dir)
	cmd.WaitDelay = 2 * time.Second // for who holds the output after the kill
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true,
		Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWNET | unix.CLONE_NEWIPC}
	if err := cmd.Start(); err != nil {
		return err
	}
	var timedOut atomic.Bool
	atLimit := time.AfterFunc(c.Limit, func() {
		timedOut.Store(true)
		quit(cmd.Process.Pid)
	})
	afterLimit := time.AfterFunc(c.Limit+2*time.Second, func() { cmd.Process.Kill() })
	err := cmd.Wait()
	atLimit.Stop()
	afterLimit.Stop()
	r.Output, r.TimedOut = out.String(), timedOut.Load()
	var exit *exec.ExitError
	switch {
	case r.TimedOut:
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		r.Code = cmd.ProcessState.ExitCode()
	case errors.As(err, &exit):
		r.Code = exit.ExitCode()
	default:
		return err
	}
	return nil
}

// quit asks all processes in the process namespace of pid for their goroutines, but not pid itself: a shell would end
// and take the others with it.
func quit(pid int) {
	namespace, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid))
	if err != nil {
		return // ended by itself
	}
	entries, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return
	}
	for _, entry := range entries {
		other, err := strconv.Atoi(filepath.Base(entry))
		if is, linkErr := os.Readlink(entry + "/ns/pid"); err == nil && linkErr == nil && is == namespace && other != pid {
			syscall.Kill(other, syscall.SIGQUIT)
		}
	}
}
