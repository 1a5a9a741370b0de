//go:build linux

// Package lab is the ground the benchmark programs stand on: a network
// namespace of their own, processes with their resource usage, samples of a
// running process, and the numbers and tables that come out.
//
// It owns one goroutine per started process (collecting its output) and one per
// Watch. Everything started here is bounded by the context given to Main and is
// killed when that ends.
package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// insideMark tells the second instance of a program that it is the one inside.
	insideMark = "NETPERFMETER_BENCH_INSIDE"

	congestionControl = "cubic"
	defaultFile       = "/proc/sys/net/ipv4/tcp_congestion_control"
	allowedFile       = "/proc/sys/net/ipv4/tcp_allowed_congestion_control"
)

// Main runs body inside a new network namespace that has nothing but loopback and
// cubic for every connection, and returns the exit status for os.Exit. It does so
// by starting the program once more, so that every thread and child is inside and
// the namespace vanishes with it.
func Main(body func(ctx context.Context) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if os.Getenv(insideMark) == "" {
		err = startInside(ctx)
	} else if err = prepareNamespace(); err == nil {
		err = body(ctx)
	}
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode() // the inner instance has said why
	}
	fmt.Fprintln(os.Stderr, "error:", err)
	return 1
}

// startInside runs this program again in a network namespace of its own.
func startInside(ctx context.Context) error {
	if err := allowCubic(); err != nil {
		return err
	}
	// Pdeathsig is tied to the starting thread, which must therefore outlive the child.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), insideMark+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNET,
		Pdeathsig:  syscall.SIGKILL,
		Setpgid:    true, // a terminal's interrupt arrives once, through us
	}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting in a network namespace: %w", err)
	}
	finished := make(chan struct{})
	defer close(finished)
	go func() {
		select {
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGTERM)
		case <-finished:
		}
	}()
	return cmd.Wait()
}

// allowCubic makes cubic usable in other namespaces: there, only the congestion
// controls on the list of allowed ones, which the first namespace keeps, may be set.
func allowCubic() error {
	allowed, err := os.ReadFile(allowedFile)
	if err != nil {
		return nil // already inside some namespace: setting it will tell
	}
	list := strings.Fields(string(allowed))
	for _, name := range list {
		if name == congestionControl {
			return nil
		}
	}
	list = append(list, congestionControl)
	if err := os.WriteFile(allowedFile, []byte(strings.Join(list, " ")), 0); err != nil {
		return fmt.Errorf("allowing %s in namespaces (once, as root): %w", congestionControl, err)
	}
	return nil
}

// prepareNamespace sets loopback up and the congestion control.
func prepareNamespace() error {
	if err := os.Unsetenv(insideMark); err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening a socket: %w", err)
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo); err != nil {
		return fmt.Errorf("setting loopback up: %w", err)
	}
	if err := os.WriteFile(defaultFile, []byte(congestionControl), 0); err != nil {
		return fmt.Errorf("setting %s: %w", congestionControl, err)
	}
	return nil
}
