//go:build linux

package endtoend

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// completionCases are what stands on the line in front of the cursor, with what is offered: among other things, or
// all of it.
var completionCases = []struct {
	line string
	want string
	only bool
}{
	{"netperfmeter --runt", "--runtime", true},
	{"netperfmeter -runt", "-runtime", true},
	{"netperfmeter HOST --v", "--vector-every", false},
	{"netperfmeter --timer ", "economical", false},
	{"netperfmeter --timer ec", "economical", true},
	{"netperfmeter 9000 --logcolor o", "off", false},
	{"netperfmeter --tcp d", "default", true},
	{"netperfmeter --config result", "results.config", true},
	{"netperfmeter --completion z", "zsh", true},
}

// completionScript writes a shell's script into a folder that also has a file to complete.
func completionScript(t *testing.T, shell string) (dir, script string) {
	t.Helper()
	lab.NeedTools(t, shell)
	dir = t.TempDir()
	r := lab.Run(t, lab.Ours(t, "--completion", shell))
	if r.Code != 0 {
		t.Fatalf("--completion %s: %v", shell, r)
	}
	script = filepath.Join(dir, "completion")
	for name, content := range map[string]string{script: r.Stdout, filepath.Join(dir, "results.config"): ""} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir, script
}

// offers compares what a shell offers with what it is to offer.
func offers(t *testing.T, line string, got []string, want string, only bool) {
	t.Helper()
	found := false
	for _, word := range got {
		found = found || strings.TrimRight(word, " ") == want
	}
	if !found || only && len(got) != 1 {
		t.Errorf("%q: offered are %q, want %s (alone: %v)", line, got, want, only)
	}
}

// TestBashCompletion asks the function that bash would call.
func TestBashCompletion(t *testing.T) {
	t.Parallel()
	dir, script := completionScript(t, "bash")
	const ask = `. "$0"; shift 0; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _netperfmeter; printf '%s\n' "${COMPREPLY[@]}"`
	cases := append(completionCases, completionCases[0])
	cases[len(cases)-1].line, cases[len(cases)-1].want = "netperfmeter --timer = pre", "precise"
	for _, c := range cases {
		words := strings.Split(c.line, " ")
		r := lab.Run(t, lab.Command{Name: "bash", Args: append([]string{"--norc", "-c", ask, script}, words...)}.In(dir))
		if r.Code != 0 || r.Stderr != "" {
			t.Fatalf("%q: %v", c.line, r)
		}
		offers(t, c.line, strings.Split(strings.TrimSpace(r.Stdout), "\n"), c.want, c.only)
	}
}

// TestFishCompletion asks fish itself.
func TestFishCompletion(t *testing.T) {
	t.Parallel()
	dir, script := completionScript(t, "fish")
	for _, c := range completionCases {
		r := lab.Run(t, lab.Command{Name: "fish", Args: []string{"--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script, c.line},
			Env: []string{"HOME=" + dir}}.In(dir))
		if r.Code != 0 || r.Stderr != "" {
			t.Fatalf("%q: %v", c.line, r)
		}
		var got []string
		for line := range strings.Lines(r.Stdout) {
			word, _, _ := strings.Cut(strings.TrimSpace(line), "\t")
			got = append(got, word)
		}
		// fish also offers what only contains what is typed, after what begins with it.
		offers(t, c.line, got, c.want, false)
	}
}

// TestZshCompletion types into a zsh on a terminal of its own: a tab completes what is unambiguous, and the command,
// a function here, prints what it was given.
func TestZshCompletion(t *testing.T) {
	t.Parallel()
	dir, script := completionScript(t, "zsh")
	const ask = `zmodload zsh/zpty || exit 1
		zpty asked zsh -f -i
		zpty -w asked 'PROMPT=; unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -D; netperfmeter() { print -r -- "<$*>" }; . '$1
		zpty -w asked 'print READY''!'
		zpty -r asked seen '*READY!*'
		zpty -w -n asked $2$'\t\n'
		zpty -r asked seen '*<*>*'
		print -r -- "$seen"`
	for _, c := range completionCases {
		if !c.only {
			continue
		}
		r := lab.Run(t, lab.Command{Name: "zsh", Args: []string{"-f", "-c", ask, "zsh", script, c.line}, Env: []string{"HOME=" + dir, "TERM=dumb"}}.In(dir).For(30*time.Second))
		_, got, _ := strings.Cut(r.Stdout, "<")
		got, _, _ = strings.Cut(got, ">")
		line := strings.TrimPrefix(c.line, "netperfmeter ")
		want := line[:strings.LastIndexByte(line, ' ')+1] + c.want
		if r.Code != 0 || strings.TrimRight(got, "= ") != want {
			t.Errorf("%q became %q, want %q: %v", c.line, got, want, r)
		}
	}
}
