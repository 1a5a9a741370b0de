//go:build linux

package truth

import (
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// TestShares: what each subflow carried agrees with the counters of the
// interfaces, to within the headers, on two paths of different speed.
func TestShares(t *testing.T) {
	t.Parallel()
	paths := lab.TwoPaths(t)
	for _, n := range []*lab.Namespace{paths.Client, paths.Server} {
		n.Shell(t, "tc qdisc change dev v2 root tbf rate 20mbit burst 32kb latency 20ms")
	}
	paths.Server.StartPassive(t, 9000, "--quiet")
	dir := t.TempDir()
	before := counters(t, paths.Server)
	r := paths.Client.Run(t, lab.Ours(t, paths.ServerAddr[0].String(), "-runtime=3", "-scalar=r.sca", "-mptcp", "const0:const1460").In(dir))
	if r.Code != 0 {
		t.Fatal(r)
	}
	after := counters(t, paths.Server)
	sentences(t, r.Stdout, verdicts, []string{two})
	results := lab.ReadResults(t, dir, "r.sca", "")
	flow := lab.FlowObject(0)
	all := after[0] - before[0] + after[1] - before[1]
	for i := range 2 {
		name := fmt.Sprintf("Subflow %d ", i+1)
		carried := results.Passive.Float(t, flow, name+"Received Bytes")
		seen := after[i] - before[i]
		share, acked := results.Passive.Float(t, flow, name+"Share"), results.Active.Float(t, flow, name+"Share")
		t.Logf("path %d: %.0f bytes, on the interface %.0f; share %.3f, of what was sent by the end %.3f, of the interfaces %.3f", i+1, carried, seen, share, acked, seen/all)
		// 14 to 86 bytes of headers for each segment of 1428, what was sent again, and the control channel.
		if carried < 1e6 || seen < carried || seen > 1.1*carried+200e3 {
			t.Errorf("path %d: %.0f bytes, on the interface %.0f", i+1, carried, seen)
		}
		if math.Abs(share-seen/all) > 0.02 {
			t.Errorf("path %d: share %.3f, of the interfaces' bytes %.3f", i+1, share, seen/all)
		}
		// This end's last look is before what was in the socket's buffer has gone out.
		if math.Abs(share-acked) > 0.15 {
			t.Errorf("path %d: share %.3f on the passive side, %.3f on the active one", i+1, share, acked)
		}
	}
}

const verdicts = `(?m)^Flows? ([\d, ]+) ran over: (.*)$`

func counters(t *testing.T, n *lab.Namespace) [2]float64 {
	t.Helper()
	return [2]float64{float64(n.Counter(t, "v1", "rx_bytes")), float64(n.Counter(t, "v2", "rx_bytes"))}
}

// TestPathsComeAndGo: a path that is taken away in mid-run shows the end of
// its subflow and that the other one takes over; one that is added shows the
// join.
func TestPathsComeAndGo(t *testing.T) {
	t.Parallel()
	paths := lab.TwoPaths(t)
	passive := paths.Server.StartPassive(t, 9000)
	dir := t.TempDir()
	p := paths.Client.Start(t, lab.Ours(t, paths.ServerAddr[0].String(), "--interval=0.2", "-scalar=r.sca", "-vector=r.vec",
		"-mptcp", "const500:const2000:const100:const500").In(dir))
	p.Await(t, "joining", 20*time.Second, func() bool {
		return strings.Contains(passive.Output(), "measurement started") && paths.Server.MPTCPCounter(t, "MPJoinAckRx") >= 1
	})
	time.Sleep(time.Second)
	paths.Server.Shell(t, "ip mptcp endpoint delete id 1") // the only one; tells the client
	p.Await(t, "leaving", 20*time.Second, func() bool { return paths.Server.MPTCPCounter(t, "RmSubflow") >= 1 })
	time.Sleep(time.Second)
	paths.Server.Shell(t, fmt.Sprintf("ip mptcp endpoint add %v dev v2 signal", paths.ServerAddr[1]))
	p.Await(t, "joining again", 20*time.Second, func() bool { return paths.Server.MPTCPCounter(t, "MPJoinAckRx") >= 2 })
	time.Sleep(time.Second)
	r := p.Stop()
	if r.Code != 0 {
		t.Fatal(r)
	}
	away := `[0-9.]+:\d+ to ` + regexp.QuoteMeta(paths.ServerAddr[1].String()) + `:8999`
	sentences(t, r.Stdout, verdicts, []string{`MPTCP, 3 subflows, ` + share + ` / ` + share + ` / ` + share +
		`(?:; ` + away + ` joined ` + seconds + `)?; ` + away + ` ended ` + seconds + `; ` + away + ` joined ` + seconds})
	for _, side := range []string{"active", "passive"} {
		comeAndGo(t, lab.ReadTransport(t, filepath.Join(dir, "r-"+side+"-00000000-0000-transport.vec")))
	}
}

// comeAndGo looks at the lines of the three subflows: the first one is there
// all the time, and carries on; the second one ends once, with its last
// figures; the third one begins after that.
func comeAndGo(t *testing.T, rows []lab.TransportRow) {
	t.Helper()
	byPath := map[string][]lab.TransportRow{}
	var order []string
	for _, row := range rows {
		key := row["Local"] + row["Remote"]
		if byPath[key] == nil {
			order = append(order, key)
		}
		byPath[key] = append(byPath[key], row)
	}
	if len(order) != 3 {
		t.Fatalf("%d paths: %q", len(order), order)
	}
	carried := func(row lab.TransportRow) float64 {
		return row.Number(t, "AckedBytes") + row.Number(t, "ReceivedBytes")
	}
	first, second, third := byPath[order[0]], byPath[order[1]], byPath[order[2]]
	last := second[len(second)-1]
	if last["State"] != "ended" || len(second) < 3 || carried(last) < carried(second[len(second)-2]) {
		t.Errorf("the end of the second subflow: %v", last)
	}
	for _, row := range second[:len(second)-1] {
		if row["State"] != "open" {
			t.Errorf("before its end: %v", row)
		}
	}
	end := last.Number(t, "RelTime")
	if begin := third[0].Number(t, "RelTime"); begin < end+0.5 || third[len(third)-1]["State"] != "open" {
		t.Errorf("the third subflow begins at %v s, the second one ends at %v s", begin, end)
	}
	// What the first one carries between the end and the join is all: 100 kB and more a second.
	var from, to lab.TransportRow
	for _, row := range first {
		switch at := row.Number(t, "RelTime"); {
		case at >= end && from == nil:
			from = row
		case at < third[0].Number(t, "RelTime"):
			to = row
		}
	}
	if from == nil || to == nil || carried(to)-carried(from) < 100e3*(to.Number(t, "RelTime")-from.Number(t, "RelTime")) {
		t.Errorf("the first subflow does not take over: %v to %v", from, to)
	}
}
