//go:build linux

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// maxOutput bounds what is kept of a program's output; some paint a spinner for
// every packet, and what is wanted stands at the end.
const maxOutput = 4 << 20

// Process is a started program of a benchmark.
type Process struct {
	cmd     *exec.Cmd
	name    string
	started time.Time
	output  tail
	done    chan struct{}
	err     error // valid after done
	ended   time.Time
}

// Usage is what a process, with the children it waited for, has used.
type Usage struct {
	User, System time.Duration
	Elapsed      time.Duration
	MaxRSS       int64 // bytes
}

// CPU returns user and system time together.
func (u Usage) CPU() time.Duration { return u.User + u.System }

// Start runs a program in the background. It is killed, with everything in its
// process group, when ctx ends.
func Start(ctx context.Context, name string, arguments ...string) (*Process, error) {
	return StartWith(ctx, nil, name, arguments...)
}

// StartWith is Start with additions to the environment ("NAME=value").
func StartWith(ctx context.Context, environment []string, name string, arguments ...string) (*Process, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p := &Process{name: name, done: make(chan struct{})}
	p.cmd = exec.CommandContext(ctx, name, arguments...)
	p.cmd.Env = append(os.Environ(), environment...)
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	p.cmd.Cancel = func() error { return syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) }
	p.cmd.WaitDelay = time.Second
	p.started = time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		p.ended = time.Now()
		close(p.done)
	}()
	return p, nil
}

// Pid returns the process ID.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Started returns when the process was started.
func (p *Process) Started() time.Time { return p.started }

// Running tells whether the process has not ended yet.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Interrupt asks the process to end.
func (p *Process) Interrupt() { _ = p.cmd.Process.Signal(os.Interrupt) }

// Kill ends the process and its group at once.
func (p *Process) Kill() {
	if p.Running() {
		_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
	}
}

// Wait waits for the end of the process, at most for limit; then it is killed.
// The error carries the end of the program's output.
func (p *Process) Wait(limit time.Duration) (Usage, error) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	late := false
	select {
	case <-p.done:
	case <-timer.C:
		late = true
		p.Kill()
		<-p.done
	}
	usage := p.usage()
	switch {
	case late:
		return usage, fmt.Errorf("%s did not end within %v: %s", p.name, limit, lastLines(p.Output(), 5))
	case p.err != nil:
		return usage, fmt.Errorf("%s: %w: %s", p.name, p.err, lastLines(p.Output(), 5))
	}
	return usage, nil
}

// Stop interrupts the process and waits for its end. Having been ended by the
// interrupt is no error.
func (p *Process) Stop(limit time.Duration) (Usage, error) {
	p.Interrupt()
	usage, err := p.Wait(limit)
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status, ok := exit.Sys().(syscall.WaitStatus)
		if ok && (status.Signaled() && status.Signal() == syscall.SIGINT || status.ExitStatus() == 130) {
			err = nil
		}
	}
	return usage, err
}

// Output returns what the process wrote to stdout and stderr so far, the last 4 MiB.
func (p *Process) Output() string { return p.output.String() }

func (p *Process) usage() Usage {
	u := Usage{Elapsed: p.ended.Sub(p.started)}
	if r, ok := p.cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.User = time.Duration(r.Utime.Nano())
		u.System = time.Duration(r.Stime.Nano())
		u.MaxRSS = r.Maxrss * 1024
	}
	return u
}

// Run starts a program and waits for it.
func Run(ctx context.Context, limit time.Duration, name string, arguments ...string) (string, Usage, error) {
	p, err := Start(ctx, name, arguments...)
	if err != nil {
		return "", Usage{}, err
	}
	usage, err := p.Wait(limit)
	return p.Output(), usage, err
}

// tail keeps the last maxOutput to 2 * maxOutput bytes written.
type tail struct {
	mutex sync.Mutex // the copying goroutine against String
	data  []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.data = append(t.data, b...)
	if len(t.data) > 2*maxOutput {
		t.data = append(t.data[:0], t.data[len(t.data)-maxOutput:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return string(t.data)
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	result := strings.Join(lines, " | ")
	if len(result) > 500 {
		result = result[len(result)-500:]
	}
	return result
}
