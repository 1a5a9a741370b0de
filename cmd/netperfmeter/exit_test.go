package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"netperfmeter/active"
	"netperfmeter/channels"
)

func TestExitStatus(t *testing.T) {
	tests := []struct {
		err  error
		want int
	}{
		{nil, 0},
		{usagef("x"), 1},
		{errors.New("cannot write the log"), 1},
		{fmt.Errorf("x: %w", active.ErrUnreachable), 2},
		{unreachablef("x"), 2},
		{fmt.Errorf("%w: %w", active.ErrRefused, channels.ErrMPTCPDisabled), 3},
		{unavailablef("x"), 3},
		{fmt.Errorf("x: %w", channels.ErrUnsupported), 3},
		{active.ErrRequirement, 4},
		{active.ErrAborted, 5},
		{active.ErrResults, 6},
		{errors.Join(active.ErrAborted, active.ErrResults), 5},
		{errors.Join(active.ErrResults, active.ErrUnreachable), 2},
		{fmt.Errorf("%w after 3 s", errInterrupted), 130},
		{errors.Join(errInterrupted, active.ErrResults), 6},
	}
	for _, test := range tests {
		if got := exitStatus(test.err); got != test.want {
			t.Errorf("%v: %d", test.err, got)
		}
	}
}

func TestReason(t *testing.T) {
	err := errors.Join(errors.New("one"), fmt.Errorf("two\x1b[2J: %w", errors.Join(errors.New("three"), errors.New("four"))))
	if got := reason(err); got != `netperfmeter: one; two\x1b[2J: three; four` {
		t.Error(got)
	}
}

func TestVerdict(t *testing.T) {
	p := &program{elapsed: 12 * time.Second}
	running := t.Context()
	ended, cancel := context.WithCancelCause(running)
	cancel(errInterrupted)
	cfg := active.Config{Runtime: time.Minute}
	tests := []struct {
		ctx    context.Context
		report *active.Report
		err    error
		want   string
	}{
		{running, &active.Report{Started: true}, nil, "<nil>"},
		{ended, &active.Report{Started: true}, nil, "<nil>"},
		{ended, &active.Report{Started: true, Interrupted: true}, nil, "interrupted after 12.0 s of the 60.0 s that were planned"},
		{ended, &active.Report{Started: true, Interrupted: true}, active.ErrResults, "results incomplete"},
		{ended, &active.Report{}, active.ErrUnreachable, "interrupted before the measurement had begun"},
		{running, &active.Report{}, active.ErrUnreachable, "passive side not reached"},
	}
	for _, test := range tests {
		if got := fmt.Sprint(p.verdict(test.ctx, cfg, test.report, test.err)); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func TestSignals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finished, finish := context.WithCancel(t.Context())
		signals := make(chan os.Signal)
		var ends, kills []os.Signal
		go watchSignals(finished, signals,
			func(s os.Signal) { ends = append(ends, s) },
			func(s os.Signal) { kills = append(kills, s) })
		send := func(s os.Signal) {
			signals <- s
			synctest.Wait()
		}
		send(os.Interrupt)
		send(os.Interrupt)
		time.Sleep(killAfter - time.Millisecond)
		send(os.Interrupt)
		if len(ends) != 1 || len(kills) != 0 {
			t.Fatalf("ended %v, killed %v: within two seconds", ends, kills)
		}
		time.Sleep(time.Millisecond)
		send(syscall.SIGTERM)
		if len(ends) != 1 || len(kills) != 1 || kills[0] != syscall.SIGTERM {
			t.Fatalf("ended %v, killed %v: after two seconds", ends, kills)
		}
		finish()
		synctest.Wait() // and the bubble fails if the goroutine does not end
	})
}

func TestResolve(t *testing.T) {
	four, six, mapped := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.1")
	tests := []struct {
		host   string
		v6only bool
		found  []netip.Addr
		err    error
		want   string
	}{
		{"192.0.2.1", false, nil, nil, "[192.0.2.1] <nil>"},
		{"::ffff:192.0.2.1", false, nil, nil, "[192.0.2.1] <nil>"},
		{"fe80::1%eth0", true, nil, nil, "[fe80::1%eth0] <nil>"},
		{"192.0.2.1", true, nil, nil, "[] host 192.0.2.1 is an IPv4 address, but --v6only wants IPv6"},
		{"h", false, []netip.Addr{six, mapped}, nil, "[2001:db8::1 192.0.2.1] <nil>"},
		{"h", true, []netip.Addr{four, six}, nil, "[2001:db8::1] <nil>"},
		{"h", true, []netip.Addr{four}, nil, "[] host h has no address that can be used here"},
		{"h", false, nil, &net.DNSError{Err: "no such host", IsNotFound: true}, "[] host h: there is no such host"},
		{"h", false, nil, &net.DNSError{Err: "i/o timeout", IsTimeout: true}, "[] host h: the name server does not answer"},
		{"h", false, nil, &net.DNSError{Err: "server misbehaving"}, "[] host h: the name cannot be resolved (server misbehaving)"},
	}
	for _, test := range tests {
		lookup := func(context.Context, string, string) ([]netip.Addr, error) { return test.found, test.err }
		got, err := resolve(t.Context(), lookup, test.host, test.v6only)
		if text := fmt.Sprint(got, err); text != test.want {
			t.Errorf("%s: %s, not %s", test.host, text, test.want)
		}
		if err != nil && exitStatus(err) != exitUnreachable {
			t.Errorf("%s: exit status %d", test.host, exitStatus(err))
		}
	}
}
