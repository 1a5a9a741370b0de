//go:build linux

package service

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

func unitFile(t *testing.T) string {
	t.Helper()
	root, err := lab.Root()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(root, "packaging", "netperfmeter.service")
}

// settings reads the unit: the values of each setting, in their order.
func settings(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile(unitFile(t))
	if err != nil {
		t.Fatal(err)
	}
	values := make(map[string][]string)
	for line := range strings.Lines(string(text)) {
		if name, value, found := strings.Cut(strings.TrimSpace(line), "="); found && !strings.HasPrefix(name, "#") {
			values[name] = append(values[name], value)
		}
	}
	return values
}

// TestExposure: systemd's own judgement of the unit, 0 (best) to 10, has to be 2.0 at most.
func TestExposure(t *testing.T) {
	lab.NeedTools(t, "systemd-analyze")
	r := lab.Run(t, lab.Command{Name: "systemd-analyze", Args: []string{"security", "--no-pager", "--offline=true", "--threshold=20", unitFile(t)}})
	if r.Code != 0 {
		t.Fatalf("%v", r)
	}
	lines := strings.Split(strings.TrimSpace(r.Stdout), "\n")
	t.Log(lines[len(lines)-1])
	unprotected := strings.Replace(readUnit(t), "DynamicUser=yes", "User=root", 1)
	unprotected = strings.ReplaceAll(unprotected, "SystemCallFilter=", "#")
	path := filepath.Join(t.TempDir(), "netperfmeter.service")
	if err := os.WriteFile(path, []byte(unprotected), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := lab.Run(t, lab.Command{Name: "systemd-analyze", Args: []string{"security", "--no-pager", "--offline=true", "--threshold=20", path}}); r.Code == 0 {
		t.Errorf("a unit of root's without a filter passes as well: %v", r)
	}
}

func readUnit(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(unitFile(t))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestUnitIsSound: systemd takes every line of the unit for one that it knows.
func TestUnitIsSound(t *testing.T) {
	lab.NeedTools(t, "systemd-analyze")
	unit := strings.ReplaceAll(readUnit(t), "/usr/bin/netperfmeter", "/bin/true")
	path := filepath.Join(t.TempDir(), "netperfmeter.service")
	if err := os.WriteFile(path, []byte(unit), 0o644); err != nil {
		t.Fatal(err)
	}
	r := lab.Run(t, lab.Command{Name: "systemd-analyze", Args: []string{"verify", "--man=no", path}, Limit: time.Minute})
	for line := range strings.Lines(r.Stdout + r.Stderr) {
		if strings.Contains(line, path) || strings.Contains(line, "netperfmeter.service") {
			t.Error(line)
		}
	}
}
