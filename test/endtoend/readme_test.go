//go:build linux

package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"netperfmeter/test/lab"
)

// TestReadmeCommands runs the README's commands that read results for programs,
// word for word but for HOST.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "jq", "Rscript")
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	dir := t.TempDir()
	if err := os.Symlink(lab.Program(t), dir+"/netperfmeter"); err != nil {
		t.Fatal(err)
	}
	first, commands := readmeCommands(t)
	// Debian's own Python has Debian's pandas.
	path := "PATH=" + dir + ":/usr/bin:/bin:" + os.Getenv("PATH")
	shell := func(command string) lab.Result {
		command = strings.Replace(command, "HOST", "127.0.0.1", 1)
		return n.Run(t, lab.Command{Name: "sh", Args: []string{"-c", command}, Dir: dir, Env: []string{path}})
	}
	if r := shell(strings.Replace(first, "-T 10", "-T 1.5 -S r.sca --interval 0.25", 1)); r.Code != 0 {
		t.Fatal(r)
	}
	received := lab.ReadResults(t, dir, "r.sca", "").Passive.Counts(t, "flow[0]", "Received").Bytes
	seen := map[string]int{}
	for _, command := range commands {
		tool, _, _ := strings.Cut(command, " ")
		seen[tool]++
		t.Run(command, func(t *testing.T) {
			if strings.Contains(command, "pandas") {
				if r := shell("python3 -c 'import pandas'"); r.Code != 0 {
					lab.Unable(t, "needs python3-pandas: run test/install-peers")
				}
			}
			r := shell(command)
			want := fmt.Sprint(received)
			switch {
			case strings.Contains(command, ".error"):
				want = "null\n0\n"
			case tool == "netperfmeter":
				want = " bit/s\n"
			}
			if r.Code != 0 || !strings.Contains(r.Stdout, want) {
				t.Errorf("want %q: %v", want, r)
			}
		})
	}
	for _, tool := range []string{"jq", "Rscript", "python3", "netperfmeter"} {
		if seen[tool] == 0 {
			t.Errorf("the README has no command with %s", tool)
		}
	}
}

// readmeCommands finds the commands of the README's section: the one that makes
// the results, and those that read them.
func readmeCommands(t *testing.T) (first string, commands []string) {
	t.Helper()
	root, err := lab.Root()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## Results for programs\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for line := range strings.Lines(section) {
		if command, ok := strings.CutPrefix(line, "    "); ok {
			commands = append(commands, strings.TrimSpace(command))
		}
		if _, after, ok := strings.Cut(line, "After `"); ok {
			first, _, _ = strings.Cut(after, "`")
		}
	}
	if !found || first == "" {
		t.Fatal("the README has lost its section of results for programs")
	}
	return first, commands
}
