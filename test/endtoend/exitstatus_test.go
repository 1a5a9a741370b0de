//go:build linux

package endtoend

import (
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// Flows for runs whose end is what matters.
var (
	aFlow     = []string{"-tcp", "const100:const100:const100:const100:description=Alpha"}
	shown     = append([]string{"--display", "--interval=0.1"}, aFlow...)
	forAWhile = append([]string{"127.0.0.1", "-T", "60"}, shown...)
)

// TestExitStatus: a case for each way to end, with real processes: the exit
// status of the manual, and a last line on stderr that names what it is about.
func TestExitStatus(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "ss", "iptables")
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	n.Shell(t, "iptables -t mangle -A OUTPUT -p tcp --dport 9299 -j TCPOPTSTRIP --strip-options 30")
	n.StartPassive(t, 9300, "--quiet")
	silentPeer(t, n, "127.0.0.1:9501")
	active := func(args ...string) []string { return append(append([]string{"127.0.0.1"}, args...), shown...) }
	for _, test := range []struct {
		name   string
		args   []string
		when   string               // what it has to say before something happens; "": nothing does
		act    func(p *lab.Process) // what happens
		code   int
		reason string // in the last line; "": it says nothing
	}{
		{"planned end", active("-T", "0.3"), "", nil, 0, ""},
		{"SIGINT without a planned end", active(), measuring, interrupt, 0, ""},
		{"SIGTERM without a planned end", active(), measuring, terminate, 0, ""},
		{"help", []string{"--help"}, "", nil, 0, ""},
		{"version", []string{"--version"}, "", nil, 0, ""},
		{"passive: planned end", []string{"9400", "-T", "0.3"}, "", nil, 0, ""},
		{"passive: SIGINT", []string{"9400"}, listening, interrupt, 0, ""},
		{"passive: SIGTERM", []string{"9400"}, listening, terminate, 0, ""},

		{"unknown option", active("--nonsense"), "", nil, 1, "--nonsense"},
		{"wrong value", active("-T", "soon"), "", nil, 1, "--runtime"},
		{"wrong flow", []string{"127.0.0.1", "-udp", "const10:big"}, "", nil, 1, "-udp const10:big"},
		{"log file", active("-logfile=/nowhere/log"), "", nil, 1, "/nowhere/log"},
		{"passive: port in use", []string{"9000"}, "", nil, 1, "9001"},

		{"nobody there", []string{"127.0.0.1:9100", "-tcp", "default"}, "", nil, 2, "127.0.0.1:9101"},
		{"no such host", []string{"host.invalid", "-tcp", "default"}, "", nil, 2, "host.invalid"},
		{"a silent peer and a deadline", []string{"127.0.0.1:9500", "--deadline=4", "-udp", "default:description=Beta"}, "", nil, 2, "flow 0 (Beta, UDP)"},
		{"control channel lost", forAWhile, measuring, func(*lab.Process) { n.Shell(t, "ss -K -t dport = 9001") }, 2, "control channel"},

		{"transport not there", []string{"127.0.0.1", "-quic", "default"}, "", nil, 3, "-quic default"},
		{"refused by this kernel", []string{"127.0.0.1", "-tcp", "const1:const1:const0:const0:cc=nonsense:id=4"}, "", nil, 3, "flow 4"},

		{"MPTCP fell back", []string{"127.0.0.1:9300", "-T", "1", "--require-mptcp", "-mptcp", "default"}, "", nil, 4, "flow 0"},

		{"a flow aborts", forAWhile, measuring, func(*lab.Process) { n.Shell(t, "ss -K -t dport = 9000") }, 5, "flow 0 (Alpha, TCP)"},

		{"configuration file", active("-T", "1", "-config=/nowhere/r.config"), "", nil, 6, "/nowhere/r.config"},
		{"scalar file", active("-T", "1", "-scalar=/nowhere/r.sca"), "", nil, 6, "/nowhere/r-active.sca"},
		{"vector file", active("-T", "1", "-vector=/nowhere/r.vec"), "", nil, 6, "/nowhere/r-active.vec"},
		{"JSON file", active("-T", "1", "--json=/nowhere/r.json"), "", nil, 6, "/nowhere/r.json"},
		{"table", active("-T", "1", "--csv=/nowhere/r.csv"), "", nil, 6, "/nowhere/r.csv"},
		{"a full device", active("-T", "0.3", "-config=/dev/full"), "", nil, 6, "/dev/full"},

		{"SIGINT", forAWhile, measuring, interrupt, 130, "interrupted after"},
		{"SIGTERM", forAWhile, measuring, terminate, 130, "interrupted after"},
		{"SIGTERM at set-up", []string{"127.0.0.1:9500", "--display", "-udp", "default"}, "setting up", terminate, 130, "before the measurement had begun"},
		{"SIGINT while waiting", []string{"127.0.0.1:9100", "--wait=60", "-udp", "default"}, "waiting for the passive side", interrupt, 130, "before the measurement had begun"},
		{"passive: SIGTERM before its end", []string{"9400", "-T", "60"}, listening, terminate, 130, "60.0 s that were planned"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := n.Start(t, lab.Ours(t, test.args...).In(t.TempDir()))
			if test.act != nil {
				p.Await(t, test.when, 30*time.Second, func() bool { return strings.Contains(p.Output(), test.when) })
				test.act(p)
			}
			r := p.Wait()
			if test.reason != "" {
				exits(t, r, test.code, test.reason)
			} else if r.Code != test.code || strings.HasPrefix(lastLine(r.Stderr), "netperfmeter:") {
				t.Errorf("want exit status %d without a reason: %v", test.code, r)
			}
		})
	}
}

// What the program says when something may happen to it.
const (
	measuring = " flow, out " // a display line: which of its times are there is the machine's choice
	listening = "waiting for measurements"
)

func interrupt(p *lab.Process) { p.Signal(syscall.SIGINT) }
func terminate(p *lab.Process) { p.Signal(syscall.SIGTERM) }

// silentPeer takes control connections and says nothing.
func silentPeer(t *testing.T, n *lab.Namespace, address string) {
	t.Helper()
	var l net.Listener
	if err := n.Do(func() (err error) { l, err = net.Listen("tcp", address); return err }); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() }) // and with it what waits in its queue
}

// TestOutputIsFull: what cannot be printed is an error too.
func TestOutputIsFull(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	for _, args := range [][]string{nil, {"--json", "-"}, {"--json-lines"}, {"--csv", "-"}} {
		c := lab.Ours(t, append(append([]string{"127.0.0.1", "-T", "0.3"}, args...), aFlow...)...)
		c.Name, c.Args = "sh", append([]string{"-c", `"$@" >/dev/full`, "sh", c.Name}, c.Args...)
		exits(t, n.Run(t, c.In(t.TempDir())), 6, "no space left")
	}
}
