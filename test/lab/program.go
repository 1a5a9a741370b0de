//go:build linux

package lab

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// built holds what the test process has built; Main removes it.
var built = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "netperfmeter-lab-") })

// Main runs a package's tests and removes what was built for them: func TestMain(m *testing.M) { lab.Main(m) }
func Main(m *testing.M) {
	code := m.Run()
	if dir, err := built(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// Program is the path of the program under test, built once: with the race detector where the tests have it. The
// environment variable NETPERFMETER_PROGRAM names a ready one instead.
func Program(t testing.TB) string {
	t.Helper()
	if ready := os.Getenv("NETPERFMETER_PROGRAM"); ready != "" {
		return ready
	}
	path, err := underTest()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// PlainProgram is the program without the race detector, for tests of what that would change.
func PlainProgram(t testing.TB) string {
	t.Helper()
	path, err := plain()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var (
	underTest = sync.OnceValues(func() (string, error) { return build("netperfmeter-tested", raceFlags...) })
	plain     = sync.OnceValues(func() (string, error) { return build("netperfmeter") })
)

func build(name string, flags ...string) (string, error) {
	dir, err := built()
	if err != nil {
		return "", err
	}
	root, err := Root()
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, name)
	cmd := exec.Command("go", append(append([]string{"build", "-o", path}, flags...), "./cmd/netperfmeter")...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program under test: %w\n%s", err, out)
	}
	return path, nil
}

// Root is the module's folder.
func Root() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			err = errors.New("no go.mod above the working directory")
		}
		dir = filepath.Dir(dir)
	}
	return "", err
}

// raceEnvironment makes the first data race end the program, with a status that no other end has.
var raceEnvironment = []string{"GORACE=halt_on_error=1 exitcode=66"}

// Ours is a run of the program under test: lab.Ours(t, "HOST:9000", "-tcp", ...).
func Ours(t testing.TB, args ...string) Command {
	t.Helper()
	return Command{Name: Program(t), Args: args, Env: raceEnvironment}
}

// In sets the folder that the command runs in.
func (c Command) In(dir string) Command {
	c.Dir = dir
	return c
}

// For sets the time after which the command is ended.
func (c Command) For(limit time.Duration) Command {
	c.Limit = limit
	return c
}

// String is the command line as a user would type it.
func (c Command) String() string { return c.Name + " " + strings.Join(c.Args, " ") }

// StartPassive starts the program under test as passive side and waits until it listens.
func (n *Namespace) StartPassive(t testing.TB, base int, args ...string) *Process {
	t.Helper()
	c := Ours(t, append([]string{fmt.Sprint(base)}, args...)...).For(10 * time.Minute)
	p := n.Start(t, c)
	n.awaitPassive(t, p, base)
	return p
}

// awaitPassive waits for the listeners that every passive side has.
func (n *Namespace) awaitPassive(t testing.TB, p *Process, base int) {
	t.Helper()
	p.Await(t, "listening", 20*time.Second, func() bool {
		return n.Listening("tcp", base+1) && n.Listening("tcp", base) && n.Listening("udp", base)
	})
}
