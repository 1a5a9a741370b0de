//go:build linux

package service

import (
	"encoding/json"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"netperfmeter/test/lab"
)

// systemCalls are the numbers of this kernel's system calls by their names.
func systemCalls(t *testing.T) map[string]uint32 {
	t.Helper()
	lab.NeedTools(t, "gcc")
	r := lab.Run(t, lab.Command{Name: "gcc", Args: []string{"-E", "-dM", "-"}, Stdin: []byte("#include <asm/unistd.h>\n")})
	if r.Code != 0 {
		t.Fatalf("%v", r)
	}
	numbers := make(map[string]uint32)
	for _, m := range regexp.MustCompile(`(?m)^#define __NR_(\w+) (\d+)$`).FindAllStringSubmatch(r.Stdout, -1) {
		n, err := strconv.ParseUint(m[2], 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		numbers[m[1]] = uint32(n)
	}
	return numbers
}

// expand replaces groups by what systemd has in them.
func expand(t *testing.T, words []string) (calls []string) {
	t.Helper()
	for _, word := range words {
		if !strings.HasPrefix(word, "@") {
			calls = append(calls, word)
			continue
		}
		r := lab.Run(t, lab.Command{Name: "systemd-analyze", Args: []string{"syscall-filter", "--no-pager", word}})
		if r.Code != 0 {
			t.Fatalf("%v", r)
		}
		var members []string
		for line := range strings.Lines(r.Stdout) {
			if line = strings.TrimSpace(line); line != word && line != "" && !strings.HasPrefix(line, "#") {
				members = append(members, line)
			}
		}
		calls = append(calls, expand(t, members)...)
	}
	return calls
}

// allowed is what the unit's filter lets through. Its first line makes it a list of what is allowed, to which later ones
// add and from which those with "~" take away; @default is always allowed (systemd.exec(5)).
func allowed(t *testing.T, lines []string) map[string]bool {
	t.Helper()
	calls := make(map[string]bool)
	for _, line := range append([]string{"@default"}, lines...) {
		words, remove := strings.CutPrefix(line, "~")
		for _, call := range expand(t, strings.Fields(words)) {
			calls[call] = !remove
		}
	}
	return calls
}

// Where seccomp's data have what a filter looks at (seccomp(2)); of arguments it is the lower half.
const (
	atNumber       = 0
	atArchitecture = 4
	atArguments    = 16
)

func statement(code uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: k} }

// unless skips so many instructions if the accumulator is another value.
func unless(k uint32, skip uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: k, Jf: skip}
}

func load(at uint32) unix.SockFilter { return statement(unix.BPF_LD|unix.BPF_W|unix.BPF_ABS, at) }

func end(action uint32) unix.SockFilter { return statement(unix.BPF_RET|unix.BPF_K, action) }

func refuse(err unix.Errno) unix.SockFilter { return end(unix.SECCOMP_RET_ERRNO | uint32(err)) }

// filterOf makes the unit's filter: SystemCallFilter, SystemCallArchitectures=native, RestrictAddressFamilies and
// MemoryDenyWriteExecute.
func filterOf(t *testing.T, unit map[string][]string) string {
	t.Helper()
	architecture, known := map[string]uint32{"amd64": unix.AUDIT_ARCH_X86_64, "arm64": unix.AUDIT_ARCH_AARCH64}[runtime.GOARCH]
	if !known {
		t.Skipf("the filter of system calls is written for amd64 and arm64, not for %s", runtime.GOARCH)
	}
	numbers := systemCalls(t)
	program := []unix.SockFilter{load(atArchitecture), unless(architecture, 1), statement(unix.BPF_JMP|unix.BPF_JA, 1), end(unix.SECCOMP_RET_KILL_PROCESS), load(atNumber)}

	families := []unix.SockFilter{load(atArguments)}
	for _, name := range strings.Fields(strings.Join(unit["RestrictAddressFamilies"], " ")) {
		family, known := map[string]uint32{"AF_INET": unix.AF_INET, "AF_INET6": unix.AF_INET6, "AF_NETLINK": unix.AF_NETLINK, "AF_UNIX": unix.AF_UNIX}[name]
		if !known {
			t.Fatalf("address family %s", name)
		}
		families = append(families, unless(family, 1), end(unix.SECCOMP_RET_ALLOW))
	}
	families = append(families, refuse(unix.EAFNOSUPPORT))
	program = append(program, unless(numbers["socket"], uint8(len(families))))
	program = append(program, families...)

	if last := unit["MemoryDenyWriteExecute"]; len(last) == 1 && last[0] == "yes" {
		for _, row := range []struct {
			call    string
			refused uint32
		}{{"mmap", unix.PROT_WRITE | unix.PROT_EXEC}, {"mprotect", unix.PROT_EXEC}} {
			program = append(program, unless(numbers[row.call], 5), load(atArguments+2*8), statement(unix.BPF_ALU|unix.BPF_AND|unix.BPF_K, row.refused),
				unless(row.refused, 1), refuse(unix.EPERM), end(unix.SECCOMP_RET_ALLOW))
		}
	}
	count := 0
	for call, allow := range allowed(t, unit["SystemCallFilter"]) {
		if number, exists := numbers[call]; exists && allow {
			program = append(program, unless(number, 1), end(unix.SECCOMP_RET_ALLOW))
			count++
		}
	}
	if count < 100 || count > len(numbers)-50 {
		t.Fatalf("%d of %d system calls are allowed", count, len(numbers))
	}
	t.Logf("%d of %d system calls are allowed", count, len(numbers))
	program = append(program, refuse(unix.EPERM))
	text, err := json.Marshal(program)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
