//go:build linux

package lab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Command is a program to run.
type Command struct {
	Name  string
	Args  []string
	Dir   string // default: the test's working directory
	Env   []string
	Stdin []byte
	Limit time.Duration // after which it is ended; default 60 s
	quiet bool          // its output is not worth a line when the test fails
}

// Result is how a process ended.
type Result struct {
	Stdout, Stderr string
	Code           int  // exit status; -1: by a signal
	TimedOut       bool // it was ended at its limit; a Go program has left its goroutines in Stderr
	Elapsed        time.Duration
}

// String is for messages of failed tests.
func (r Result) String() string {
	return fmt.Sprintf("exit status %d after %v (at its limit: %v)\nstdout:\n%s\nstderr:\n%s",
		r.Code, r.Elapsed.Round(time.Millisecond), r.TimedOut, excerpt(r.Stdout), excerpt(r.Stderr))
}

func excerpt(s string) string {
	const most = 6000
	if len(s) <= 2*most {
		return s
	}
	return s[:most] + "\n[...]\n" + s[len(s)-most:]
}

// Process is a running process and its group.
type Process struct {
	PID            int
	command        Command
	cmd            *exec.Cmd
	stdout, stderr output
	begun          time.Time
	timedOut       atomic.Bool
	done           chan struct{}
	result         Result
}

// output keeps the beginning and the end of what a process writes.
type output struct {
	mu sync.Mutex
	b  []byte
}

const outputPart = 256 << 10

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.b = append(o.b, p...)
	if len(o.b) > 4*outputPart {
		kept := append(o.b[:outputPart:outputPart], "\n[...]\n"...)
		o.b = append(kept, o.b[len(o.b)-outputPart:]...)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.b)
}

// Start starts a process in the namespace. It is killed with its group when the test ends.
func (n *Namespace) Start(t testing.TB, c Command) *Process {
	t.Helper()
	p, err := start(c, n.start)
	if err != nil {
		t.Fatalf("in %s: starting %s: %v", n.Name, c.Name, err)
	}
	t.Cleanup(func() { p.cleanUp(t) })
	return p
}

// Run runs a process in the namespace to its end.
func (n *Namespace) Run(t testing.TB, c Command) Result {
	t.Helper()
	return n.Start(t, c).Wait()
}

// Run runs a process outside of all namespaces to its end.
func Run(t testing.TB, c Command) Result {
	t.Helper()
	p, err := start(c, (*exec.Cmd).Start)
	if err != nil {
		t.Fatalf("starting %s: %v", c.Name, err)
	}
	t.Cleanup(func() { p.cleanUp(t) })
	return p.Wait()
}

func start(c Command, fork func(*exec.Cmd) error) (*Process, error) {
	if c.Limit == 0 {
		c.Limit = time.Minute
	}
	p := &Process{command: c, cmd: exec.Command(c.Name, c.Args...), begun: time.Now(), done: make(chan struct{})}
	p.cmd.Dir, p.cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	if c.Stdin != nil {
		p.cmd.Stdin = bytes.NewReader(c.Stdin)
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.WaitDelay = 2 * time.Second // for a grandchild that keeps the pipes
	// A group of its own, so that a kill finds its children.
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := fork(p.cmd); err != nil {
		return nil, err
	}
	p.PID = p.cmd.Process.Pid
	go p.supervise()
	return p, nil
}

// supervise ends the process at its limit and collects it.
func (p *Process) supervise() {
	atLimit := time.AfterFunc(p.command.Limit, func() {
		p.timedOut.Store(true)
		p.Signal(syscall.SIGQUIT)
	})
	afterLimit := time.AfterFunc(p.command.Limit+3*time.Second, func() { p.kill() })
	err := p.cmd.Wait()
	atLimit.Stop()
	afterLimit.Stop()
	p.result = Result{Stdout: p.stdout.String(), Stderr: p.stderr.String(), TimedOut: p.timedOut.Load(), Elapsed: time.Since(p.begun)}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		p.result.Code = exit.ExitCode()
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		p.result.Code = -1
		p.result.Stderr += "\n" + err.Error()
	}
	close(p.done)
}

// Wait waits for the end of the process, by itself or at its limit.
func (p *Process) Wait() Result {
	<-p.done
	return p.result
}

// Running tells whether the process has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Output is what the process has written so far.
func (p *Process) Output() string { return p.stdout.String() + p.stderr.String() }

// Signal sends a signal to the process alone.
func (p *Process) Signal(s syscall.Signal) { p.cmd.Process.Signal(s) }

// Stop interrupts the process and waits for its end.
func (p *Process) Stop() Result {
	p.Signal(syscall.SIGINT)
	return p.Wait()
}

func (p *Process) kill() {
	if p.Running() {
		syscall.Kill(-p.PID, syscall.SIGKILL)
	}
}

func (p *Process) cleanUp(t testing.TB) {
	p.kill()
	r := p.Wait()
	if t.Failed() && !p.command.quiet {
		t.Logf("%v: %v", p.command, r)
	}
}

// Await waits until the condition holds, while the process runs.
func (p *Process) Await(t testing.TB, what string, limit time.Duration, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); ; time.Sleep(5 * time.Millisecond) {
		if condition() {
			return
		}
		if !p.Running() {
			t.Fatalf("%s ended before %s: %v", p.command.Name, what, p.Wait())
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %s did not happen within %v; so far: %s", p.command.Name, what, limit, excerpt(p.Output()))
		}
	}
}
