//go:build linux

package vm

import (
	"path/filepath"
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

// testSCTPUnplugged cuts both links in mid-run: the active side ends within the time that a control channel may be silent.
func testSCTPUnplugged(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 3 * time.Minute, Script: `lab_two_hosts
		passive_on server
		active_on client 10.81.1.2:9000 ` + killedFlows + `
		sleep 1
		begun=$(date +%s)
		lab_cut 1
		lab_cut 2
		status=0
		wait "$active" || status=$?
		echo "active $status $(($(date +%s) - begun))"`})
	r.Okay(t)
	if status, seconds := ended(t, r); status != unreachable || seconds > 60 {
		t.Errorf("status %d after %d s\n%s", status, seconds, r.All())
	}
	survivor(t, r.Save(t))
}
