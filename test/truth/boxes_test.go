//go:build linux

package truth

import (
	"fmt"
	"net/netip"
	"regexp"
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
	aborts          bool // the flows do not survive it
	single          bool // there is no second subflow
}

const (
	percent = `\d+ %`
	both    = `MPTCP, 2 subflows, ` + percent + ` / ` + percent
	seconds = `after \d+\.\d s`
)

func literally(text string) string { return regexp.QuoteMeta(text) }

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
	{box: "none", moment: atSetUp, put: nothing, active: "X", passive: "X"},
	{box: "none", moment: atJoin, put: nothing, active: "X", passive: "X"},
	{box: "stripped from all", moment: atSetUp, put: stripAll, active: "X", passive: "X"},
	{box: "stripped from all", moment: atJoin, put: stripAll, active: "X", passive: "X"},
	{box: "stripped from all", moment: midRun, put: stripAll, active: "X", passive: "X"},
	{box: "stripped from all, single", moment: midRun, put: stripAll, active: "X", passive: "X", single: true},
	{box: "stripped from joins", moment: atSetUp, put: stripJoins, active: "X", passive: "X"},
	{box: "stripped from joins", moment: atJoin, put: stripJoins, active: "X", passive: "X"},
	{box: "stripped from joins", moment: midRun, put: stripJoins, active: "X", passive: "X"},
	{box: "stripped from answers", moment: atSetUp, put: stripAnswers, active: "X", passive: "X"},
	{box: "stripped from answers", moment: atJoin, put: stripAnswers, active: "X", passive: "X"},
	{box: "stripped from answers", moment: midRun, put: stripAnswers, active: "X", passive: "X"},
	{box: "SYNs dropped", moment: atSetUp, put: dropSYNs, active: "X", passive: "X"},
	{box: "SYNs dropped", moment: atJoin, put: dropSYNs, active: "X", passive: "X"},
	{box: "SYNs dropped", moment: midRun, put: dropSYNs, active: "X", passive: "X"},
	{box: "MPTCP off", moment: atSetUp, put: nothing, active: "X", passive: "X", disabled: true},
	{box: "MPTCP off", moment: atJoin, put: disable, active: "X", passive: "X"},
	{box: "MPTCP off", moment: midRun, put: disable, active: "X", passive: "X"},
	{box: "plain TCP peer", moment: atSetUp, put: nothing, active: "X", passive: "X", proxied: true},
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
			r := s.run(t, b, passive, target)
			s.judge(t, r.Stdout, passive.Output(), r)
		})
	}
}

var flowTraffic = []string{"-mptcp", "const200:const1000:const100:const500", "-mptcp", "const100:const1000:const200:const500", "-tcp", "const50:const500"}

// run measures, and puts the box there at its moment.
func (s scenario) run(t *testing.T, b *lab.Boxed, passive *lab.Process, target netip.Addr) lab.Result {
	t.Helper()
	if s.moment == atSetUp {
		s.put(t, b)
	}
	if s.moment != atJoin && !s.single {
		b.Join(t)
	}
	runtime := "2"
	if s.moment == atSetUp {
		runtime = "1"
	}
	args := append([]string{target.String(), "-runtime=" + runtime, "--interval=0.2"}, flowTraffic...)
	p := b.Client.Start(t, lab.Ours(t, args...))
	if s.moment != atSetUp {
		p.Await(t, "starting", 20*time.Second, func() bool { return strings.Contains(passive.Output(), "measurement started") })
	}
	switch {
	case s.moment == midRun && !s.single:
		p.Await(t, "joining", 10*time.Second, func() bool { return b.Server.MPTCPCounter(t, "MPJoinAckRx") >= 2 })
		fallthrough
	case s.moment == midRun:
		time.Sleep(300 * time.Millisecond)
		s.put(t, b)
	case s.moment == atJoin:
		time.Sleep(500 * time.Millisecond)
		s.put(t, b)
		b.Join(t)
	}
	return p.Wait()
}

func (s scenario) judge(t *testing.T, out, log string, r lab.Result) {
	t.Helper()
	for line := range strings.Lines(out) {
		if strings.Contains(line, "ran over") {
			fmt.Printf("%s, %s: %s", s.box, s.moment, line)
		}
	}
	for line := range strings.Lines(log) {
		if strings.Contains(line, "MPTCP flow") {
			fmt.Printf("%s, %s: P %s", s.box, s.moment, line[strings.Index(line, "flow="):])
		}
	}
	if r.Code != 0 {
		fmt.Printf("%s, %s: exit %d %s\n", s.box, s.moment, r.Code, r.Stderr)
	}
}
