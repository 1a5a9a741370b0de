//go:build linux

package service

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// place is where both sides of a confined measurement may write, and nowhere else.
func place(t *testing.T) (dir, program string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "netperfmeter-service-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	// The program and this test's own, where nobody can execute them.
	program = filepath.Join(dir, "netperfmeter")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{lab.PlainProgram(t): program, self: program + "-confined"} {
		if err := copyFile(from, to); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"active", "passive"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(filepath.Join(dir, name), nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return dir, program
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// processors reads the time that all processors have spent, idle and in all.
func processors(t *testing.T) (idle, all float64) {
	t.Helper()
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		t.Fatal(err)
	}
	for i, field := range strings.Fields(strings.SplitN(string(text), "\n", 2)[0])[1:9] {
		var v float64
		fmt.Sscan(field, &v)
		all += v
		if i == 3 {
			idle = v
		}
	}
	return idle, all
}

// TestConfinedMeasurement: both sides as the unit runs them; over two paths, so that MPTCP has something to tell.
func TestConfinedMeasurement(t *testing.T) {
	lab.NeedTools(t, "systemd-analyze", "gcc")
	unit := settings(t)
	filter := filterOf(t, unit)
	paths := lab.TwoPaths(t)
	dir, program := place(t)
	confined := func(side string, args ...string) lab.Command {
		return lab.Command{Name: program + "-confined", Args: append([]string{program}, args...), Dir: filepath.Join(dir, side), Limit: 2 * time.Minute,
			Env: []string{confinement + "=" + filter, "TMPDIR=" + filepath.Join(dir, side)}}
	}
	passive := paths.Server.Start(t, confined("passive", "9000"))
	passive.Await(t, "listening", 20*time.Second, func() bool { return paths.Server.Listening("tcp", 9001) && paths.Server.Listening("udp", 9000) })
	looksConfined(t, passive.PID)

	active := paths.Client.Start(t, confined("active", paths.ServerAddr[0].String()+":9000", "-runtime=2", "-scalar=r.sca", "-vector=r.vec",
		"-mptcp", "const0:const1460:const100:const1000", "-tcp", "const100:const1000", "-udp", "const100:const500:const100:const500"))
	active.Await(t, "measuring", 30*time.Second, func() bool { return strings.Contains(passive.Output(), "measurement started") })
	idleBefore, allBefore := processors(t)
	active.Await(t, "the end", 30*time.Second, func() bool { return strings.Contains(passive.Output(), "measurement stopped") })
	idleAfter, allAfter := processors(t)
	if r := active.Wait(); r.Code != 0 {
		t.Fatalf("%v", r)
	}
	results := lab.ReadResults(t, filepath.Join(dir, "active"), "r.sca", "r.vec")
	idle := 100 * (idleAfter - idleBefore) / (allAfter - allBefore)
	for _, s := range []*lab.Scalars{results.Active, results.Passive} {
		sum := 0.0
		for _, name := range []string{"User", "Nice", "System", "Idle", "IOWait", "Hardware Interrupts", "Software Interrupts", "Hypervisor"} {
			sum += s.Float(t, "totalCPU", name)
		}
		got := s.Float(t, "totalCPU", "Idle")
		if math.Abs(sum-100) > 1 || math.Abs(got-idle) > 20 {
			t.Errorf("%s side: the processors were %.1f %% idle, all states together %.1f %%; /proc/stat says %.1f %%", s.Side, got, sum, idle)
		}
	}
	twoSubflows(t, results)
	for id := range uint32(2) {
		sent, received := results.Active.Counts(t, lab.FlowObject(id), "Transmitted"), results.Passive.Counts(t, lab.FlowObject(id), "Received")
		if sent != received || sent.Bytes == 0 {
			t.Errorf("flow %d: sent %+v, received %+v", id, sent, received)
		}
	}
	if out := passive.Output(); strings.Contains(out, "operation not permitted") || strings.Contains(out, "permission denied") {
		t.Errorf("the passive side wanted more than the unit allows: %s", out)
	}
	if r := passive.Stop(); r.Code != 0 {
		t.Errorf("passive side: %v", r)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "passive"))
	if err != nil || len(entries) != 0 {
		t.Errorf("left behind by the passive side: %v, %v", entries, err)
	}
}

// looksConfined reads what the kernel says of a process: another user, no capability, a filter.
func looksConfined(t *testing.T, pid int) {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	status := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		status[name] = strings.Join(strings.Fields(value), " ")
	}
	const none = "0000000000000000"
	for name, want := range map[string]string{"Uid": "65534 65534 65534 65534", "Gid": "65534 65534 65534 65534", "Groups": "", "NoNewPrivs": "1",
		"Seccomp": "2", "CapEff": none, "CapPrm": none, "CapBnd": none, "CapAmb": none} {
		if status[name] != want {
			t.Errorf("%s of the passive side is %q, expected %q", name, status[name], want)
		}
	}
}

// twoSubflows: the kernel has told of both, and what they have carried is what the flow has; a subflow is looked at for
// the last time shortly before its end.
func twoSubflows(t *testing.T, r *lab.Results) {
	t.Helper()
	flow := lab.FlowObject(0)
	for _, s := range []*lab.Scalars{r.Active, r.Passive} {
		if s.Uint(t, flow, "MPTCP In Use") != 1 || s.Uint(t, flow, "Subflows") != 2 {
			t.Errorf("%s side: MPTCP in use %d, %d subflows", s.Side, s.Uint(t, flow, "MPTCP In Use"), s.Uint(t, flow, "Subflows"))
			return
		}
	}
	received := r.Passive.Counts(t, flow, "Received").Bytes
	carried := r.Passive.Uint(t, flow, "Subflow 1 Received Bytes") + r.Passive.Uint(t, flow, "Subflow 2 Received Bytes")
	if one := r.Passive.Uint(t, flow, "Subflow 2 Received Bytes"); one == 0 || float64(carried) < 0.95*float64(received) || float64(carried) > 1.05*float64(received) {
		t.Errorf("received %d bytes over MPTCP, the subflows %d in all, the second one %d", received, carried, one)
	}
}
