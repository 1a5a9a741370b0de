//go:build linux

package endurance

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// measureOnce runs a clean measurement to its end and looks at its result.
func measureOnce(t *testing.T, n *lab.Namespace, runtime string) {
	t.Helper()
	dir := t.TempDir()
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime="+runtime, "-scalar=r.sca", "-vector=r.vec", "-tcp", "const200:const1000:const200:const500",
		"-udp", "const200:const200:const200:const100", "-mptcp", "const0:const1400").In(dir))
	if r.Code != 0 {
		t.Errorf("a clean measurement: %v", r)
		return
	}
	if _, messages, lost, err := exact(dir, []string{"tcp", "udp", "mptcp"}); err != nil || messages == 0 || lost != 0 {
		t.Errorf("a clean measurement: %d messages, %d lost, %v", messages, lost, err)
	}
}

// TestSilentClients: clients that fall silent, and read nothing, at every step, and whose hosts are still there, cost
// others nothing, and are gone within the limits that the operator has set.
func TestSilentClients(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	p := n.StartPassive(t, 9000, "--metrics", metricsAt, "--loglevel=3", "--nodisplay",
		"--limit=unidentified-time=3", "--limit=silence=3", "--limit=runtime=6")
	measureOnce(t, n, "0.2")
	before := settled(t, n, p, nil)
	const each = 5
	for range each {
		for s := connected; s < numSteps; s++ {
			goTo(t, n, s)
		}
	}
	measureOnce(t, n, "1")
	after := settled(t, n, p, before)
	t.Logf("%d silent clients, %d at each of %d steps", each*int(numSteps), each, numSteps)
	back(t, before, after, false)
	measureOnce(t, n, "0.2")
	if r := p.Stop(); r.Code != 0 {
		t.Errorf("passive side: %v", r)
	}
}

// TestDyingClients: the same with clients that die, with and without a reset of their connections.
func TestDyingClients(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	p := n.StartPassive(t, 9000, "--metrics", metricsAt, "--loglevel=4", "--nodisplay")
	measureOnce(t, n, "0.2")
	before := settled(t, n, p, nil)
	const each = 10
	for i := range each {
		for s := connected; s < numSteps; s++ {
			goTo(t, n, s).close(i%2 == 0)
		}
	}
	measureOnce(t, n, "0.5")
	after := settled(t, n, p, before)
	t.Logf("%d dying clients, %d at each of %d steps", each*int(numSteps), each, numSteps)
	back(t, before, after, false)
	if r := p.Stop(); r.Code != 0 {
		t.Errorf("passive side: %v", r)
	}
}

// impatient makes a side wait for a silent peer no longer than it can be asked to, and endless is how long a loaded
// machine may take with all that comes after: a bound for what else would go on for minutes, with the default.
const (
	impatient = "--peer-timeout=5"
	endless   = 90 * time.Second
)

// TestStoppedProcesses: SIGSTOP and SIGCONT. A short stop of either side changes no result. After a long one the other
// side has given up, said so, and kept what it had.
func TestStoppedProcesses(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"active", "passive"} {
		t.Run(side+" side, shortly", func(t *testing.T) {
			t.Parallel()
			n := lab.Loopback(t)
			p := n.StartPassive(t, 9000, "--quiet")
			a := startLong(t, n, "127.0.0.1", "-runtime=5")
			stop := map[string]*lab.Process{"active": a.Process, "passive": p}[side]
			stop.Signal(syscall.SIGSTOP)
			time.Sleep(2500 * time.Millisecond)
			stop.Signal(syscall.SIGCONT)
			if r := a.Wait(); r.Code != 0 {
				t.Fatal(r)
			}
			if _, messages, _, err := exact(a.dir, longFlows); err != nil || messages == 0 {
				t.Errorf("%d messages, %v", messages, err)
			}
		})
	}
	t.Run("passive side, for long", func(t *testing.T) {
		t.Parallel()
		n := lab.Loopback(t)
		p := n.StartPassive(t, 9000, "--quiet")
		a := startLong(t, n, "127.0.0.1", impatient)
		p.Signal(syscall.SIGSTOP)
		a.givesUp(t, "no answer in time (5s)", endless)
	})
	t.Run("active side, for long", func(t *testing.T) {
		t.Parallel()
		n := lab.Loopback(t)
		p := n.StartPassive(t, 9000, "--metrics", metricsAt, "--nodisplay", impatient)
		a := startLong(t, n, "127.0.0.1")
		a.Signal(syscall.SIGSTOP)
		p.Await(t, "the client being given up", endless, func() bool {
			_, now := n.Scrape(t, metricsAt)
			return now["netperfmeter_measurements_running"] == 0
		})
		p.Await(t, "the reason in the log", 10*time.Second, func() bool { return strings.Contains(p.Output(), "says nothing for 10s") })
		settled(t, n, p, nil)
		a.Signal(syscall.SIGCONT)
		a.givesUp(t, "", endless)
	})
}

// TestUnplugged: the cable between the two hosts is cut. Both sides notice when the time is over that they were given;
// the active side keeps what it has, and says what happened.
func TestUnplugged(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"tcp", "mptcp"} {
		t.Run("control over "+transport, func(t *testing.T) {
			t.Parallel()
			client, server, _, address := lab.Linked(t)
			p := server.StartPassive(t, 9000, "--metrics", metricsAt, "-w", "--nodisplay", impatient)
			a := startLong(t, client, address.String(), "-control-over-"+transport, impatient)
			client.Cut(t, "v1")
			server.Cut(t, "v1")
			a.givesUp(t, "", endless)
			p.Await(t, "the client being given up", endless, func() bool {
				_, now := server.Scrape(t, metricsAt)
				return now["netperfmeter_measurements_running"] == 0
			})
			settled(t, server, p, nil)
		})
	}
}

// long is a measurement without an end.
type long struct {
	*lab.Process
	dir string
}

var longFlows = []string{"tcp", "udp"}

// startLong starts one, and waits until it runs.
func startLong(t *testing.T, n *lab.Namespace, host string, args ...string) long {
	t.Helper()
	dir := t.TempDir()
	args = append([]string{host, "-scalar=r.sca", "-vector=r.vec", "--display", "--interval=0.1"}, args...)
	args = append(args, "-tcp", "const200:const1000:const200:const500", "-udp", "const200:const200:const200:const100")
	p := n.Start(t, lab.Ours(t, args...).In(dir).For(5*time.Minute))
	p.Await(t, "measuring", 30*time.Second, func() bool { return strings.Contains(p.Output(), "flows, out ") })
	return long{p, dir}
}

// givesUp waits until the active side has given up its peer, and looks at what it has kept.
func (a long) givesUp(t *testing.T, reason string, limit time.Duration) {
	t.Helper()
	for end := time.Now().Add(limit); a.Running() && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	if a.Running() {
		t.Fatalf("the active side still runs after %v: %s", limit, a.Output())
	}
	r := a.Wait()
	if r.Code != 2 && r.Code != 5 || !strings.Contains(r.Stderr, reason) || !strings.Contains(r.Stderr, "\nnetperfmeter: ") {
		t.Errorf("want exit status 2 or 5 and the reason (%q): %v", reason, r)
	}
	ownFiles(t, a.dir)
}

// ownFiles looks at the files of the active side: they are complete and agree.
func ownFiles(t *testing.T, dir string) {
	t.Helper()
	own := lab.ReadScalars(t, dir+"/r-active.sca")
	results := &lab.Results{Dir: dir, VectorPattern: "r.vec"}
	for id := range longFlows {
		received := own.Counts(t, fmt.Sprintf("flow[%d]", id), "Received")
		if v := results.Flow(t, "active", uint32(id)); v.Lines != received.Packets || v.Bytes != received.Bytes || v.Lines == 0 {
			t.Errorf("flow %d: the vector has %d lines, the scalars %+v", id, v.Lines, received)
		}
	}
	if len(results.Global(t, "active")) == 0 {
		t.Error("the global vector is empty")
	}
}
