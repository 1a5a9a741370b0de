//go:build linux

package endtoend

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
	"netperfmeter/test/peer20"
	"netperfmeter/test/relay"
)

// deadline is what most tests give: what they look at does not depend on how
// far a run came by then. deadlineGrace is what ending takes on a machine that
// is busy with other things; without a deadline most would take longer.
const (
	deadline      = 2 * time.Second
	deadlineGrace = 20 * time.Second
)

// endsByDeadline checks that a run ended because its time was over, with what
// this side has measured.
func endsByDeadline(t *testing.T, r lab.Result, dir string, deadline time.Duration) {
	t.Helper()
	if r.TimedOut || r.Elapsed < deadline || r.Elapsed > deadline+deadlineGrace || r.Code != 2 && r.Code != 6 {
		t.Fatalf("want an end after %v with exit status 2 or 6: %v", deadline, r)
	}
	exits(t, r, r.Code, "the deadline has passed")
	d := lab.ReadDocument(t, dir+"/r.json")
	ends(t, d, r, r.Code, map[int]string{2: "unreachable", 6: "results"}[r.Code])
	if !d.Error.Deadline {
		t.Errorf("the document does not say that the deadline has passed: %+v", *d.Error)
	}
	if _, err := os.Stat(dir + "/r-active.sca"); (err == nil) != d.Measurement.Started {
		t.Errorf("started: %v, and its scalars: %v", d.Measurement.Started, err)
	}
	if !d.Measurement.Started {
		return
	}
	own := lab.ReadScalars(t, dir+"/r-active.sca")
	sent := own.Counts(t, "flow[0]", "Transmitted")
	if got, known := d.Flows[0].Outgoing.Sender.Number(t, "packets"); !known || got != float64(sent.Packets) || sent.Packets == 0 {
		t.Errorf("sent %+v, the document has %v", sent, got)
	}
	results := &lab.Results{Dir: dir, VectorPattern: "r.vec"}
	if v := results.Flow(t, "active", 0); v.Lines != own.Counts(t, "flow[0]", "Received").Packets {
		t.Errorf("the vector has %d lines", v.Lines)
	}
}

// withDeadline adds it, and the files that are looked at.
func withDeadline(deadline time.Duration, args ...string) []string {
	return append(args, "--deadline", fmt.Sprint(deadline.Seconds()), "-S", "r.sca", "-V", "r.vec", "--json", "r.json")
}

// A step is something that the passive side says, messages of one kind in a row
// counting once.
type step struct {
	at   int // the step to be silent from; -1: none
	said []string
	hit  bool
}

// silent is called by one goroutine of the relay.
func (s *step) silent(begin []byte) bool {
	what := fmt.Sprintf("type %d", begin[0])
	if begin[0] == 0x10 {
		what += fmt.Sprintf(" kind %d", begin[5])
	}
	if len(s.said) == 0 || s.said[len(s.said)-1] != what {
		s.said = append(s.said, what)
	}
	s.hit = len(s.said)-1 == s.at
	return s.hit
}

// TestDeadlineBetweenOurs: the passive side falls silent at each of its steps.
func TestDeadlineBetweenOurs(t *testing.T) {
	t.Parallel()
	whole := step{at: -1}
	if r := whole.measure(t, t.TempDir(), time.Minute); r.Code != 0 {
		t.Fatal(r)
	}
	t.Logf("steps: %q", whole.said)
	if len(whole.said) < 6 {
		t.Fatal("these are too few")
	}
	for at, what := range whole.said {
		t.Run(fmt.Sprintf("step %d, %s", at, what), func(t *testing.T) {
			t.Parallel()
			dir, s := t.TempDir(), &step{at: at}
			if r := s.measure(t, dir, deadline); s.hit || r.Code != 0 {
				endsByDeadline(t, r, dir, deadline)
			}
		})
	}
}

// measure makes a measurement whose passive side is silenced at the step, unless
// it has fewer of them this time.
func (s *step) measure(t *testing.T, dir string, deadline time.Duration) lab.Result {
	t.Helper()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	r, err := relay.Start(relay.Config{
		Base: netip.MustParseAddrPort("127.0.0.2:9500"), Passive: netip.MustParseAddrPort("127.0.0.1:9000"), In: n.Do, Silent: s.silent,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	args := withDeadline(deadline, "127.0.0.2:9500", "-T", "0.3", "-udp", "const100:const100:const100:const100")
	return n.Run(t, lab.Ours(t, args...).In(dir))
}

// TestDeadlineAgainstReference: the same with a peer of the reference's kind,
// over TCP and UDP.
func TestDeadlineAgainstReference(t *testing.T) {
	t.Parallel()
	// ADD_FLOW, IDENTIFY_FLOW twice each, START, STOP, a file of each kind, and
	// for each flow REMOVE_FLOW and a file.
	const all = 4 + 2 + 2 + 2*2
	for n := 1; n < all; n++ {
		t.Run(fmt.Sprintf("after %d messages", n), func(t *testing.T) {
			t.Parallel()
			ns := lab.Loopback(t)
			var server *peer20.Passive
			config := peer20.PassiveConfig{Base: 9000, AnswerAtMost: n, FileSize: 100}
			if err := ns.Do(func() (err error) { server, err = peer20.NewPassive(config); return err }); err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			ctx, cancel := context.WithCancel(t.Context())
			served := make(chan struct{})
			go func() {
				server.Serve(ctx) // it minds that it is left early
				close(served)
			}()
			dir := t.TempDir()
			args := withDeadline(deadline, "127.0.0.1", "-T", "0.3", "-tcp", "const100:const100:const100:const100", "-udp", "const100:const100:const100:const100")
			r := ns.Run(t, lab.Ours(t, args...).In(dir))
			cancel()
			<-served
			endsByDeadline(t, r, dir, deadline)
		})
	}
}

// TestDeadlineInTheDark: nothing comes through any more, from the beginning and
// while saturated streams wait for room.
func TestDeadlineInTheDark(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "nft")
	const darkness = "nft add table inet dark; nft add chain inet dark in '{ type filter hook input priority 0; }'; nft add rule inet dark in drop"
	for name, whileRunning := range map[string]bool{"from the beginning": false, "while it runs": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := lab.Loopback(t)
			n.StartPassive(t, 9000, "--quiet")
			dir, deadline := t.TempDir(), deadline
			if whileRunning {
				deadline = 8 * time.Second // the set-up has to be over
			}
			args := withDeadline(deadline, "127.0.0.1", "--interval=0.1", "--display", "-tcp", "const0:const1400:const0:const1400", "-mptcp", "const0:const1400")
			if !whileRunning {
				n.Shell(t, darkness)
			}
			p := n.Start(t, lab.Ours(t, args...).In(dir))
			if whileRunning {
				p.Await(t, "measuring", 30*time.Second, func() bool { return strings.Contains(p.Output(), "\n0.1 s") })
				n.Shell(t, darkness)
			}
			r := p.Wait()
			endsByDeadline(t, r, dir, deadline)
			if want := map[bool]int{true: 6, false: 2}[whileRunning]; r.Code != want {
				t.Errorf("want exit status %d: %v", want, r)
			}
		})
	}
}

// TestDeadlineIsLongEnough: a run that keeps it is like any other.
func TestDeadlineIsLongEnough(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-T", "0.3", "--deadline=60", "-tcp", "const100:const100"))
	if r.Code != 0 || r.Elapsed > 30*time.Second {
		t.Error(r)
	}
	exits(t, n.Run(t, lab.Ours(t, "127.0.0.1", "-T", "3", "--deadline=3", "-tcp", "const100:const100")), 1, "--deadline")
}

// TestWait: the active side waits for a passive side that comes later, and no
// longer than it was told.
func TestWait(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	p := n.Start(t, lab.Ours(t, "127.0.0.1", "-T", "0.3", "--wait=60", "-tcp", "const100:const100"))
	p.Await(t, "waiting", 30*time.Second, func() bool { return strings.Contains(p.Output(), "waiting for the passive side") })
	n.StartPassive(t, 9000, "--quiet")
	if r := p.Wait(); r.Code != 0 || r.TimedOut {
		t.Error(r)
	}
	r := n.Run(t, lab.Ours(t, "127.0.0.1:9100", "-T", "0.3", "--wait=1", "-tcp", "const100:const100"))
	exits(t, r, 2, "9101")
	if r.Elapsed < time.Second {
		t.Errorf("it did not wait: %v", r)
	}
	p = n.Start(t, lab.Ours(t, "127.0.0.1:9100", "-T", "0.3", "--wait=600", "-tcp", "const100:const100"))
	p.Await(t, "waiting", 30*time.Second, func() bool { return strings.Contains(p.Output(), "waiting for the passive side") })
	exits(t, p.Stop(), 130, "interrupted")
	r = n.Run(t, lab.Ours(t, "127.0.0.1:9100", "-T", "0.3", "--wait=600", "--deadline=1", "-tcp", "const100:const100"))
	exits(t, r, 2, "9101")
}
