//go:build linux

package truth

import (
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// When a box begins to do what it does.
const (
	atSetUp = "set-up"  // before the flows are connected
	atJoin  = "join"    // before the second subflow is tried
	midRun  = "mid-run" // when both subflows are there
)

// A scenario is one cell of the table: a box, a moment, and what both ends say.
type scenario struct {
	box    string
	moment string
	put    func(t *testing.T, b *lab.Boxed)
	// active and passive are regular expressions for the whole sentence about each flow.
	active, passive string
	proxied         bool // the client connects to the box
	disabled        bool // the passive side has no MPTCP
	single          bool // there is no second subflow
	// breaks: the kernel can repeat or lose bytes of the stream as it falls back in mid-run, and the flow aborts then.
	breaks bool
	until  func(t *testing.T, b *lab.Boxed) bool // it has happened; nil: nothing happens
}

var nothing = func(*testing.T, *lab.Boxed) {}

func stripAll(t *testing.T, b *lab.Boxed)     { b.Strip(t, "") }
func stripAnswers(t *testing.T, b *lab.Boxed) { b.Strip(t, "-i v3") }
func stripJoins(t *testing.T, b *lab.Boxed) {
	b.Filter(t, "tcp option mptcp subtype 1 reset tcp option mptcp")
}
func dropSYNs(t *testing.T, b *lab.Boxed) {
	b.Filter(t, "tcp flags & (syn|ack) == syn tcp option mptcp exists drop")
}
func disable(t *testing.T, b *lab.Boxed) { b.Server.Sysctl(t, "net/mptcp/enabled", "0") }

var scenarios = []scenario{
	{box: "none", moment: atSetUp, put: nothing, active: two, passive: two},
	{box: "none", moment: atJoin, put: nothing, active: joined, passive: joined, until: joinedBoth},
	{box: "stripped from all", moment: atSetUp, put: stripAll, active: boxAll, passive: setUp},
	{box: "stripped from all", moment: atJoin, put: stripAll, active: stripped, passive: later, until: fellBackBoth, breaks: true},
	{box: "stripped from all", moment: midRun, put: stripAll, active: diedHere, passive: died, until: resetBoth},
	{box: "stripped from all, one path", moment: midRun, put: stripAll, active: stripped, passive: later, single: true, until: fellBackBoth, breaks: true},
	{box: "stripped from joins", moment: atSetUp, put: stripJoins, active: noJoin, passive: one},
	{box: "stripped from joins", moment: atJoin, put: stripJoins, active: noJoin, passive: one, until: triedBoth},
	{box: "stripped from joins", moment: midRun, put: stripJoins, active: two, passive: two},
	{box: "stripped from answers", moment: atSetUp, put: stripAnswers, active: boxBack, passive: setUp},
	{box: "stripped from answers", moment: atJoin, put: stripAnswers, active: stripped, passive: later, until: fellBackBoth, breaks: true},
	{box: "stripped from answers", moment: midRun, put: stripAnswers, active: diedHere, passive: died, until: resetBoth},
	{box: "SYNs dropped", moment: atSetUp, put: dropSYNs, active: dropping + again, passive: setUp},
	{box: "SYNs dropped", moment: atJoin, put: dropSYNs, active: noJoin, passive: one, until: triedBoth},
	{box: "SYNs dropped", moment: midRun, put: dropSYNs, active: two, passive: two},
	{box: "MPTCP off", moment: atSetUp, put: nothing, active: hostOff, passive: setUp, disabled: true},
	// Sockets that there are keep what they have.
	{box: "MPTCP off", moment: atJoin, put: disable, active: joined, passive: joined, until: joinedBoth},
	{box: "MPTCP off", moment: midRun, put: disable, active: two, passive: two},
	// Nobody becomes one later.
	{box: "plain TCP peer", moment: atSetUp, put: nothing, active: proxyHere, passive: setUp, proxied: true},
}

// TestBoxes: two MPTCP flows at once, and a plain TCP flow that never shows
// MPTCP, for each box and moment; then the box goes.
func TestBoxes(t *testing.T) {
	for _, s := range scenarios {
		t.Run(s.box+", "+s.moment, func(t *testing.T) {
			t.Parallel()
			b := lab.WithBox(t)
			if s.disabled {
				disable(t, b)
			}
			passive := b.Server.StartPassive(t, 9000)
			target := b.ServerAddr
			if s.proxied {
				target = b.BoxAddr
				proxy(t, b.Box, b.BoxAddr, b.ServerAddr, 8999, 9000, 9001)
			}
			dir := t.TempDir()
			r := s.run(t, b, passive, target, dir)
			if r.Code != 0 && !(s.breaks && r.Code == 5) {
				t.Fatal(r)
			}
			sentences(t, r.Stdout, verdicts, []string{s.active, s.active, "TCP, cubic"})
			sentences(t, passive.Output(), `(?m)MPTCP flow .*flow=(\d+) seen="?(.*?)"?$`, []string{s.passive, s.passive})
			plainStaysPlain(t, dir)
			s.require(t, b, target)
			s.afterwards(t, b, target)
		})
	}
}

// sentences compares what a pattern finds, the flows and the sentence, with
// regular expressions by flow.
func sentences(t *testing.T, text, pattern string, want []string) {
	t.Helper()
	found := map[string]string{}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		for _, id := range strings.Split(match[1], ", ") {
			found[id] = match[2]
		}
	}
	if len(found) != len(want) {
		t.Fatalf("sentences of %d flows, expected %d, in:\n%s", len(found), len(want), text)
	}
	for i, pattern := range want {
		if said, ok := found[strconv.Itoa(i)]; !ok || !regexp.MustCompile(`^(?:`+pattern+`)$`).MatchString(said) {
			t.Errorf("flow %d: %q\nexpected %s", i, said, pattern)
		}
	}
}

// plainStaysPlain looks at the TCP flow's files: MPTCP is nowhere.
func plainStaysPlain(t *testing.T, dir string) {
	t.Helper()
	results := lab.ReadResults(t, dir, "r.sca", "")
	for side, scalars := range map[string]*lab.Scalars{"active": results.Active, "passive": results.Passive} {
		if scalars.Has(lab.FlowObject(2), "MPTCP In Use") || !scalars.Has(lab.FlowObject(0), "MPTCP In Use") {
			t.Errorf("%s side: MPTCP In Use is not where it should be", side)
		}
		rows := lab.ReadTransport(t, filepath.Join(dir, "r-"+side+"-00000002-0000-transport.vec"))
		for _, row := range rows {
			if row["Protocol"] != "TCP" || row["Path"] != "0" || row["State"] != "open" {
				t.Errorf("%s side: %v", side, row)
			}
		}
		if len(rows) < 3 {
			t.Errorf("%s side: %d lines", side, len(rows))
		}
	}
}

// require: with the box in place before the flows, --require-mptcp ends the
// program before the run, with the same sentence.
func (s scenario) require(t *testing.T, b *lab.Boxed, target netip.Addr) {
	t.Helper()
	if s.moment != atSetUp || strings.HasPrefix(s.active, "MPTCP") {
		return
	}
	r := b.Client.Run(t, lab.Ours(t, target.String(), "-runtime=600", "--require-mptcp", "-mptcp", "const10:const100"))
	last := r.Stderr[strings.LastIndex(strings.TrimSpace(r.Stderr), "\n")+1:]
	if r.Code != 4 || !regexp.MustCompile(`^netperfmeter: requirement not met: flow 0 \(Flow 0\) shall be MPTCP, and (?:`+s.active+`)\n$`).MatchString(last) {
		t.Errorf("required: %v\nexpected %s", r, s.active)
	}
}

// afterwards the box has gone, and MPTCP is back.
func (s scenario) afterwards(t *testing.T, b *lab.Boxed, target netip.Addr) {
	t.Helper()
	if s.disabled || s.proxied {
		return
	}
	b.Clear(t)
	r := b.Client.Run(t, lab.Ours(t, target.String(), "-runtime=0.3", "--require-mptcp", "-mptcp", "const100:const1000:const100:const500"))
	if r.Code != 0 || !regexp.MustCompile(`(?m)^Flow 0 ran over: (`+one+`|`+two+`)$`).MatchString(r.Stdout) {
		t.Errorf("when the box has gone: %v", r)
	}
}

var flowTraffic = []string{"-mptcp", "const200:const1000:const100:const500", "-mptcp", "const100:const1000:const200:const500", "-tcp", "const50:const500"}

// run measures, and puts the box there at its moment. In mid-run it waits for
// what has to happen, however slow the machine is, and interrupts the run then.
func (s scenario) run(t *testing.T, b *lab.Boxed, passive *lab.Process, target netip.Addr, dir string) lab.Result {
	t.Helper()
	if s.moment == atSetUp {
		s.put(t, b)
	}
	if s.moment != atJoin && !s.single {
		b.Join(t)
	}
	args := append([]string{target.String(), "--interval=0.2", "-scalar=r.sca", "-vector=r.vec"}, flowTraffic...)
	if s.moment == atSetUp {
		return b.Client.Run(t, lab.Ours(t, append(args, "-runtime=1")...).In(dir))
	}
	p := b.Client.Start(t, lab.Ours(t, args...).In(dir))
	p.Await(t, "starting", 20*time.Second, func() bool { return strings.Contains(passive.Output(), "measurement started") })
	if s.moment == midRun && !s.single {
		p.Await(t, "joining", 20*time.Second, func() bool { return b.Server.MPTCPCounter(t, "MPJoinAckRx") >= 2 })
	}
	time.Sleep(500 * time.Millisecond) // some looks
	s.put(t, b)
	if s.moment == atJoin {
		b.Join(t)
	}
	for end := time.Now().Add(10 * time.Second); s.until != nil && p.Running() && !s.until(t, b) && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
	}
	time.Sleep(time.Second) // some more
	return p.Stop()
}

// What a box makes happen to both flows.
func joinedBoth(t *testing.T, b *lab.Boxed) bool { return b.Server.MPTCPCounter(t, "MPJoinAckRx") >= 2 }
func triedBoth(t *testing.T, b *lab.Boxed) bool  { return b.Client.MPTCPCounter(t, "MPJoinSynTx") >= 2 }
func fellBackBoth(t *testing.T, b *lab.Boxed) bool {
	return b.Client.MPTCPCounter(t, "DssFallback") >= 2 && b.Server.MPTCPCounter(t, "DssFallback") >= 2
}
func resetBoth(t *testing.T, b *lab.Boxed) bool {
	return b.Server.MPTCPCounter(t, "MPRstTx")+b.Client.MPTCPCounter(t, "MPRstTx") >= 4
}

// TestBlackhole: with the kernel's time-out, a host that has lost SYNs with
// the option does not ask for MPTCP any more, and says so.
func TestBlackhole(t *testing.T) {
	t.Parallel()
	b := lab.WithBox(t)
	b.Server.StartPassive(t, 9000)
	b.Client.Sysctl(t, "net/mptcp/blackhole_timeout", "3600")
	dropSYNs(t, b)
	for _, want := range []string{dropping + notAgain, silent} {
		r := b.Client.Run(t, lab.Ours(t, b.ServerAddr.String(), "-runtime=0.3", "-mptcp", "const100:const1000"))
		if r.Code != 0 {
			t.Fatal(r)
		}
		sentences(t, r.Stdout, verdicts, []string{want})
		b.Clear(t) // it still does not ask
	}
}
