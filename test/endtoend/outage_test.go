//go:build linux

package endtoend

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// TestOutage: a path that is down for a while neither ends a measurement nor loses any of its results, if both sides
// are given twice that time; where they are not, it ends, and what the active side has is complete.
func TestOutage(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "nft")
	const down = 8 * time.Second
	for _, test := range []struct {
		transport, patience string
		survives            bool
	}{
		{"tcp", "20", true}, {"mptcp", "20", true}, {"tcp", "5", false}, {"mptcp", "5", false},
	} {
		t.Run(fmt.Sprintf("control over %s, %s s", test.transport, test.patience), func(t *testing.T) {
			t.Parallel()
			n := lab.Loopback(t)
			patience := "--peer-timeout=" + test.patience
			passive := n.StartPassive(t, 9000, "-w", "--nodisplay", patience)
			n.Shell(t, "nft add table inet cut; nft add chain inet cut in '{ type filter hook input priority 0; }'")
			dir := t.TempDir()
			active := n.Start(t, lab.Ours(t, "127.0.0.1", "-control-over-"+test.transport, patience, "-runtime=20", "-scalar=r.sca", "-vector=r.vec",
				"--display", "--interval=0.1", "-tcp", "const100:const500:const100:const400", "-udp", "const100:const200:const100:const100").In(dir).For(2*time.Minute))
			active.Await(t, "a second of data", 30*time.Second, func() bool { return strings.Count(active.Output(), "flows, out ") > 10 })
			n.Shell(t, "nft add rule inet cut in drop")
			if test.survives {
				time.Sleep(down)
				n.Shell(t, "nft flush chain inet cut in")
			}
			r := active.Wait()
			if !test.survives {
				afterOutage(t, dir, r, passive)
				return
			}
			if r.Code != 0 {
				t.Fatal(r)
			}
			results := lab.ReadResults(t, dir, "r.sca", "r.vec")
			for flow := range uint32(2) {
				for _, d := range []struct{ from, to *lab.Scalars }{{results.Active, results.Passive}, {results.Passive, results.Active}} {
					object := lab.FlowObject(flow)
					sent, received, lost := d.from.Counts(t, object, "Transmitted"), d.to.Counts(t, object, "Received"), d.to.Counts(t, object, "Lost")
					if received.Packets+lost.Packets != sent.Packets || received.Bytes+lost.Bytes != sent.Bytes || flow == 0 && lost.Packets != 0 {
						t.Errorf("flow %d from the %s side: sent %+v, received %+v, lost %+v", flow, d.from.Side, sent, received, lost)
					}
					if v := results.Flow(t, d.to.Side, flow); v.Lines != received.Packets || v.Bytes != received.Bytes {
						t.Errorf("flow %d: the %s side's vector has %d lines of %d bytes, received %+v", flow, d.to.Side, v.Lines, v.Bytes, received)
					}
					// It was down from a moment when everything arrived; a packet could have been on its way.
					if gap := d.to.Float(t, object, "Longest Gap"); gap < float64((down - time.Second).Milliseconds()) {
						t.Errorf("flow %d: the longest gap of the %s side is %v ms", flow, d.to.Side, gap)
					}
				}
			}
		})
	}
}

// afterOutage looks at a measurement that has been given up: the exit status and the reason, the active side's files,
// and what the passive side says.
func afterOutage(t *testing.T, dir string, r lab.Result, passive *lab.Process) {
	t.Helper()
	if r.Code != 2 || r.TimedOut || !strings.Contains(r.Stderr, "control channel: ") {
		t.Errorf("want exit status 2 and the reason: %v", r)
	}
	own := lab.ReadScalars(t, dir+"/r-active.sca")
	results := &lab.Results{Dir: dir, VectorPattern: "r.vec"}
	for flow := range uint32(2) {
		received := own.Counts(t, lab.FlowObject(flow), "Received")
		if v := results.Flow(t, "active", flow); v.Lines != received.Packets || v.Bytes != received.Bytes || v.Lines == 0 {
			t.Errorf("flow %d: the vector has %d lines of %d bytes, the scalars %+v", flow, v.Lines, v.Bytes, received)
		}
	}
	passive.Await(t, "the active side being given up", time.Minute, func() bool {
		return strings.Contains(passive.Output(), "control connection closed")
	})
}
