//go:build linux

// Package service looks at the systemd unit in packaging: what systemd itself says of it, and whether the program runs a
// whole measurement under what the unit leaves it, as nobody, without capabilities, under the unit's filter of system
// calls. No systemd has to run for that: the filter is made from the unit's lines and systemd's own lists.
package service

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"netperfmeter/test/lab"
)

// confinement is the environment variable that makes this test's binary confine itself and become another program.
const confinement = "NETPERFMETER_TEST_CONFINEMENT"

func TestMain(m *testing.M) {
	if text := os.Getenv(confinement); text != "" {
		fmt.Fprintln(os.Stderr, "not confined:", becomeConfined(text, os.Args[1:]))
		os.Exit(125)
	}
	lab.Main(m)
}

// nobody is the user and the group that a service without privileges runs as here.
const nobody = 65534

// becomeConfined gives up what the unit takes away and executes a program. It returns only if that fails. All happens on
// one thread: the others end with the execution.
func becomeConfined(filter string, words []string) error {
	runtime.LockOSThread()
	var program []unix.SockFilter
	if err := json.Unmarshal([]byte(filter), &program); err != nil {
		return err
	}
	for capability := range 64 {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(capability), 0, 0, 0); err != nil {
			break // the last one was the one before
		}
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0); e != 0 {
		return fmt.Errorf("setgroups: %w", e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESGID, nobody, nobody, nobody); e != 0 {
		return fmt.Errorf("setresgid: %w", e)
	}
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); e != 0 {
		return fmt.Errorf("setresuid: %w", e)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no new privileges: %w", err)
	}
	os.Unsetenv(confinement)
	environment := os.Environ()
	bpf := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&bpf)), 0, 0); err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	if err := filtered(); err != nil {
		return err
	}
	return fmt.Errorf("executing %s: %w", words[0], unix.Exec(words[0], words, environment))
}

// filtered shows that the filter is in force: what it must refuse is refused in its own way.
func filtered() error {
	if _, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0); err != unix.EAFNOSUPPORT {
		return fmt.Errorf("a socket of AF_UNIX: %v, expected %v", err, unix.EAFNOSUPPORT)
	}
	// Without a filter this would be ESRCH: there is no such process.
	if _, _, err := unix.RawSyscall(unix.SYS_PTRACE, unix.PTRACE_CONT, 1<<30, 0); err != unix.EPERM {
		return fmt.Errorf("ptrace: %v, expected %v", err, unix.EPERM)
	}
	if _, err := unix.Mmap(-1, 0, 4096, unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON); err != unix.EPERM {
		return fmt.Errorf("memory that can be written and executed: %v, expected %v", err, unix.EPERM)
	}
	return nil
}
