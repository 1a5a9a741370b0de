package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// runProgram runs the program in this process and returns what it prints.
func runProgram(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var files [2]*os.File
	for i := range files {
		file, err := os.Create(filepath.Join(t.TempDir(), "output"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		files[i] = file
	}
	status = run(args, files[0], files[1])
	var texts [2]string
	for i, file := range files {
		text, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		texts[i] = string(text)
	}
	return status, texts[0], texts[1]
}

func TestRunWithoutNetwork(t *testing.T) {
	tests := []struct {
		args   string
		status int
		stderr string // its last line
	}{
		{"", 1, "netperfmeter: PORT (passive side) or HOST[:PORT] (active side) is missing; see netperfmeter --help"},
		{"h -T x", 1, `netperfmeter: option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, not "x"`},
		{"h -quic default", 3, "netperfmeter: flow -quic default: this program has no QUIC; it measures TCP, MPTCP, UDP, SCTP and DCCP"},
		{"h -t default:id=1 -t default:id=1 -pathmgr=x", 1, "netperfmeter: flow -tcp default:id=1: flow ID 1 is taken by an equal flow before it; with --count flows cannot have an explicit id"},
		{"127.0.0.1 -6 -t default", 2, "netperfmeter: host 127.0.0.1 is an IPv4 address, but --v6only wants IPv6"},
		{"9000 -logfile /nonexistent/log", 1, "netperfmeter: cannot write the log: open /nonexistent/log: no such file or directory"},
		{"-h", 0, ""},
		{"-v", 0, ""},
	}
	for _, test := range tests {
		status, stdout, stderr := runProgram(t, words(test.args)...)
		lines := strings.Split(strings.TrimSuffix(stderr, "\n"), "\n")
		if last := lines[len(lines)-1]; status != test.status || last != test.stderr {
			t.Errorf("%s: status %d\n%s", test.args, status, stderr)
		}
		if (stdout == "") == (status == 0) {
			t.Errorf("%s: status %d and stdout:\n%s", test.args, status, stdout)
		}
	}
}

// TestEmbedded runs whole measurements over the loopback interface.
func TestEmbedded(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	status, stdout, stderr := runProgram(t, "--embedded", "-T=0.3", "--seed=5", "-logfile="+log, "--interval=0.1", "-display",
		"-S="+dir+"/run.sca", "-V="+dir+"/run.vec.bz2", "-C="+dir+"/run.config",
		"-tcp", "const100:const100:const50:const200:description=First", "-udp", "const0:const0:poisson100:const100")
	if status != 0 {
		t.Fatalf("status %d:\n%s%s", status, stdout, stderr)
	}
	for _, part := range []string{
		"127.0.0.1, 2 flows, measured for 0.3 s, seed 5\n", "\n   0  First        TCP       out ", "\n   0  First        TCP       in ",
		"\n   1  Flow 1       UDP       in ", "\n all                         in ", "\nFiles written:\n",
	} {
		if !strings.Contains(stdout, part) {
			t.Errorf("%q is missing in\n%s", part, stdout)
		}
	}
	if !strings.Contains(stderr, "collecting results, 2 flows\n") {
		t.Errorf("no status in\n%s", stderr)
	}
	found, err := filepath.Glob(dir + "/run*")
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i] = filepath.Base(found[i])
	}
	want := []string{
		"run-active-00000000-0000-transport.vec.bz2", "run-active-00000000-0000.vec.bz2", "run-active-00000001-0000.vec.bz2", "run-active.sca", "run-active.vec.bz2",
		"run-passive-00000000-0000-transport.vec.bz2", "run-passive-00000000-0000.vec.bz2", "run-passive-00000001-0000.vec.bz2", "run-passive.sca", "run-passive.vec.bz2",
		"run.config",
	}
	if !slices.Equal(found, want) {
		t.Errorf("files %q", found)
	}
}

func TestEmbeddedResultsNotWritable(t *testing.T) {
	status, _, stderr := runProgram(t, "--embedded", "-T=0.1", "-tcp", "const100:const100", "-S=/nonexistent/run.sca")
	if status != exitResults || !strings.Contains(stderr, "/nonexistent/run") {
		t.Errorf("status %d:\n%s", status, stderr)
	}
}
