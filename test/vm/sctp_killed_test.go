//go:build linux

package vm

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// killedFlows are more than both sides have read when one of them dies.
const killedFlows = `--control-over-sctp -runtime=100 -sctp const50:const500:const50:const500 const0:const1400:const0:const1400`

// survivor looks at what an active side left behind whose peer has gone: its own results.
func survivor(t *testing.T, dir string) {
	t.Helper()
	s := lab.ReadScalars(t, filepath.Join(dir, lab.SideFile("run.sca", "active")))
	received := s.Counts(t, lab.FlowObject(0), "Received")
	if received.Packets == 0 {
		t.Error("nothing was received")
	}
	v := lab.ReadFlowVector(t, filepath.Join(dir, lab.FlowFile("run.vec", "active", 0, 0)))
	if v.Lines != received.Packets || v.Bytes != received.Bytes {
		t.Errorf("received %+v, the vector has %d lines of %d bytes", received, v.Lines, v.Bytes)
	}
	if rows := lab.ReadGlobalVector(t, filepath.Join(dir, lab.SideFile("run.vec", "active"))); len(rows) < 9 {
		t.Errorf("%d lines of the global vector", len(rows))
	}
}

// ended reads what the script said of the active side's end.
func ended(t *testing.T, r Result) (status, seconds int) {
	t.Helper()
	for line := range strings.Lines(r.Output) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "active" {
			status, err := strconv.Atoi(f[1])
			seconds, err2 := strconv.Atoi(f[2])
			if err == nil && err2 == nil {
				t.Logf("the active side ended after %d s with status %d: %s", seconds, status, lastLine(string(r.File(t, "active.log"))))
				return status, seconds
			}
		}
	}
	t.Fatal(r.All())
	return 0, 0
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

const unreachable = 2 // exit status: the control channel was lost

// testSCTPPassiveKilled kills the passive side in mid-run: the active side ends within seconds, with its own results.
func testSCTPPassiveKilled(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `lab_two_hosts
		passive_on server
		active_on client 10.81.1.2:9000 ` + killedFlows + `
		sleep 1
		begun=$(date +%s)
		kill -KILL "$passive"
		status=0
		wait "$active" || status=$?
		echo "active $status $(($(date +%s) - begun))"
		await 10 no_associations client`})
	r.Okay(t)
	if status, seconds := ended(t, r); status != unreachable || seconds > 30 {
		t.Errorf("status %d after %d s\n%s", status, seconds, r.All())
	}
	survivor(t, r.Save(t))
}

// testSCTPActiveKilled kills the active side in mid-run: the passive side frees the measurement, and serves the next one.
func testSCTPActiveKilled(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `lab_two_hosts
		passive_on server
		active_on client 10.81.1.2:9000 ` + killedFlows + `
		sleep 1
		kill -KILL "$active"
		await 20 no_associations server
		on client ours 10.81.1.2:9000 -runtime=1 -scalar=run.sca -vector=run.vec -sctp const20:const500:const20:const500 >active.log 2>&1
		stop_passive`})
	s := measured(t, r)
	sameOut(t, s, flowStream{0, 0, true})
}

// testSCTPUnplugged cuts both links in mid-run: the active side ends when the time that it was given for a silent peer is
// over, and so does the passive side's part. The kernel has been told before the associations were there: it would not
// take so many tries of one with two paths.
func testSCTPUnplugged(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 3 * time.Minute, Script: `lab_two_hosts
		passive_on server --controllocal 10.81.1.2,10.81.2.2 --peer-timeout=20
		active_on client 10.81.1.2:9000 --controllocal 10.81.1.1,10.81.2.1 --peer-timeout=20 ` + killedFlows + `
		on client cat /proc/net/sctp/assocs >client.assocs
		on server cat /proc/net/sctp/assocs >server.assocs
		sleep 1
		begun=$(date +%s)
		lab_cut 1
		lab_cut 2
		status=0
		wait "$active" || status=$?
		echo "active $status $(($(date +%s) - begun))"
		await 60 grep -q 'says nothing for' passive.log`})
	r.Okay(t)
	for _, side := range []string{"client", "server"} {
		control := 0
		for line := range strings.Lines(string(r.File(t, side+".assocs"))) {
			// MAXRT, in front of seven more columns: the addresses before it are of any number.
			if f := strings.Fields(line); len(f) > 20 && f[len(f)-8] == "17" && slices.Contains(f, "9001") {
				control++
			}
		}
		if control != 1 {
			t.Errorf("the %s has not been told how often to try the control association:\n%s", side, r.File(t, side+".assocs"))
		}
	}
	if status, seconds := ended(t, r); status != unreachable || seconds < 20 || seconds > 60 {
		t.Errorf("status %d after %d s\n%s", status, seconds, r.All())
	}
	survivor(t, r.Save(t))
}

// testSCTPOutage cuts both links for less than half of the time that a silent peer is waited for: nothing is lost.
func testSCTPOutage(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 2 * time.Minute, Script: `lab_two_hosts
		passive_on server --peer-timeout=20
		active_on client 10.81.1.2:9000 --peer-timeout=20 --control-over-sctp -runtime=20 -sctp const50:const500:const50:const500
		sleep 1
		lab_cut 1
		lab_cut 2
		sleep 8
		lab_mend 1
		lab_mend 2
		wait "$active"
		stop_passive`})
	s := measured(t, r)
	sameOut(t, s, flowStream{0, 0, true})
	complete(t, s, flowStream{0, 0, true})
	for _, side := range []*lab.Scalars{s.Active, s.Passive} {
		if gap := side.Float(t, lab.FlowObject(0), "Longest Gap"); gap < 7000 {
			t.Errorf("the longest gap of the %s side is %v ms", side.Side, gap)
		}
	}
}
