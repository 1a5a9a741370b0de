//go:build linux

package endtoend

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// exits checks the exit status and that the last line on stderr gives the
// reason.
func exits(t *testing.T, r lab.Result, code int, reason string) {
	t.Helper()
	text := strings.TrimSpace(r.Stderr)
	last := text[strings.LastIndexByte(text, '\n')+1:]
	if r.Code != code || r.TimedOut || !strings.HasPrefix(last, "netperfmeter: ") || !strings.Contains(last, reason) {
		t.Errorf("want exit status %d with %q at the end of stderr: %v", code, reason, r)
	}
}

// TestNothingStarts: what is wrong or missing is told in one line, with the
// exit status that scripts can tell apart.
func TestNothingStarts(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	n.StartPassive(t, 9200, "--quiet", "-no-control-over-sctp")
	for _, test := range []struct {
		name   string
		args   []string
		code   int
		reason string
	}{
		{"unknown option", []string{"127.0.0.1", "-nonsense", "-tcp", "const0:const1"}, 1, "nonsense"},
		{"bad flow", []string{"127.0.0.1", "-tcp", "const10:bad"}, 1, "bad"},
		{"no flow", []string{"127.0.0.1"}, 1, ""},
		{"bad run time", []string{"127.0.0.1", "-runtime=soon", "-tcp", "const0:const1"}, 1, "runtime"},
		{"the same flow twice", []string{"127.0.0.1", "-tcp", "const0:const1:const0:const0:id=5", "-tcp", "const0:const1:const0:const0:id=5"}, 1, "5"},
		{"port taken", []string{"9000"}, 1, "9001"},
		{"nobody there", []string{"127.0.0.1:9100", "-runtime=1", "-tcp", "const0:const1"}, 2, "9101"},
		{"no such host", []string{"host.invalid", "-runtime=1", "-tcp", "const0:const1"}, 2, "host.invalid"},
		{"sctp", []string{"127.0.0.1", "-runtime=1", "-sctp", "const0:const1"}, 3, "SCTP"},
		{"quic", []string{"127.0.0.1", "-runtime=1", "-quic", "const0:const1"}, 3, "QUIC"},
		{"unknown congestion control", []string{"127.0.0.1", "-runtime=1", "-tcp", "const0:const1:const0:const0:cc=nonsense"}, 3, "nonsense"},
		{"no such folder", []string{"127.0.0.1", "-runtime=1", "-scalar=/nowhere/r.sca", "-tcp", "const10:const10"}, 6, "/nowhere/r-active.sca"},
	} {
		t.Run(test.name, func(t *testing.T) {
			exits(t, n.Run(t, lab.Ours(t, test.args...).In(t.TempDir())), test.code, test.reason)
		})
	}
}

var interruptedFlows = []string{"-tcp", "const100:const1000:const50:const200", "-udp", "const50:const100"}

var interruptedExpected = []expected{
	{id: 0, stream: true, outgoing: way{frame: travels(1000, 16000)}, incoming: way{frame: travels(200, 16000)}},
	{id: 1, outgoing: way{frame: travels(100, 16000)}, incoming: way{idle: true}}}

// start begins a measurement of interruptedFlows and waits until it runs.
func start(t *testing.T, n *lab.Namespace, dir string, args ...string) *lab.Process {
	t.Helper()
	args = append([]string{"127.0.0.1", "--display", "--interval=0.1", "-scalar=r.sca", "-vector=r.vec"}, args...)
	p := n.Start(t, lab.Ours(t, append(args, interruptedFlows...)...).In(dir))
	p.Await(t, "measuring", 30*time.Second, func() bool { return strings.Contains(p.Output(), "\n0.3 s") })
	return p
}

// TestInterrupted: a signal ends a measurement in order, with all results;
// two that come together are one.
func TestInterrupted(t *testing.T) {
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	for _, test := range []struct {
		name string
		args []string
		code int
	}{
		{"before its time", []string{"-runtime=60"}, 130},
		{"without a time", nil, 0},
	} {
		for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
			t.Run(test.name+", "+signal.String(), func(t *testing.T) {
				dir := t.TempDir()
				p := start(t, n, dir, test.args...)
				p.Signal(signal)
				p.Signal(signal)
				if r := p.Wait(); r.Code != test.code || r.TimedOut {
					t.Fatalf("want exit status %d: %v", test.code, r)
				}
				agree(t, lab.ReadResults(t, dir, "r.sca", "r.vec"), interruptedExpected)
			})
		}
	}
}

// TestPassiveSideVanishes: what this side knows is written all the same.
func TestPassiveSideVanishes(t *testing.T) {
	n := lab.Loopback(t)
	passive := n.StartPassive(t, 9000, "--quiet")
	dir := t.TempDir()
	p := start(t, n, dir, "-runtime=60")
	passive.Signal(syscall.SIGKILL)
	r := p.Wait()
	if r.Code != 2 && r.Code != 5 || r.TimedOut { // a data connection may be seen to break first
		t.Fatalf("exit status: %v", r)
	}
	own := lab.ReadScalars(t, dir+"/r-active.sca")
	if sent := own.Counts(t, "flow[0]", "Transmitted"); sent.Packets == 0 {
		t.Errorf("sent %+v", sent)
	}
	results := &lab.Results{Dir: dir, VectorPattern: "r.vec"}
	received := own.Counts(t, "flow[0]", "Received")
	if v := results.Flow(t, "active", 0); v.Lines != received.Packets || v.Bytes != received.Bytes {
		t.Errorf("the vector has %d lines, the scalars %+v", v.Lines, received)
	}
}

// TestPassiveSideIsStopped: the passive side's end by a signal, in the middle
// of a measurement, is in order as well.
func TestPassiveSideIsStopped(t *testing.T) {
	n := lab.Loopback(t)
	passive := n.StartPassive(t, 9000, "--quiet")
	p := start(t, n, t.TempDir(), "-runtime=60")
	if r := passive.Stop(); r.Code != 0 || r.Elapsed > time.Minute {
		t.Errorf("passive side: %v", r)
	}
	if r := p.Wait(); r.Code != 2 && r.Code != 5 || r.TimedOut {
		t.Errorf("active side: %v", r)
	}
}

// TestFlowAborts: a data connection that breaks ends the measurement, unless
// the flow says that it does not matter.
func TestFlowAborts(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "ss")
	for _, test := range []struct {
		option string
		code   int
	}{{"on", 5}, {"off", 0}} {
		n := lab.Loopback(t)
		n.StartPassive(t, 9000, "--quiet")
		dir := t.TempDir()
		p := n.Start(t, lab.Ours(t, "127.0.0.1", "-runtime=2", "--display", "--interval=0.1", "-scalar=r.sca",
			"-tcp", "const100:const100:const100:const100:error_on_abort="+test.option, "-udp", "const100:const100").In(dir))
		p.Await(t, "measuring", 30*time.Second, func() bool { return strings.Contains(p.Output(), "\n0.3 s") })
		n.Shell(t, "ss -K -t dport = 9000")
		r := p.Wait()
		if r.Code != test.code || r.TimedOut || !strings.Contains(r.Stderr, "flow 0") {
			t.Errorf("error_on_abort=%s: want exit status %d and the flow's name: %v", test.option, test.code, r)
		}
		results := lab.ReadResults(t, dir, "r.sca", "")
		if sent, got := results.Active.Counts(t, "flow[1]", "Transmitted"), results.Passive.Counts(t, "flow[1]", "Received"); sent.Packets == 0 || sent != got {
			t.Errorf("error_on_abort=%s: the other flow sent %+v, received %+v", test.option, sent, got)
		}
	}
}
