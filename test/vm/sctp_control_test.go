//go:build linux

package vm

import (
	"strings"
	"testing"
	"time"
)

// testSCTPFallback: a passive side that takes no control over SCTP is reached over TCP, unless the user insists.
func testSCTPFallback(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: time.Minute, Script: `ip link set lo mtu 1500
		ours 9000 --no-control-over-sctp >passive.log 2>&1 &
		passive=$!
		await 20 listening tcp 9001
		await 20 listening sctp 9000
		ours 127.0.0.1:9000 -runtime=0.5 -sctp const20:const300 >active.log 2>&1
		status=0
		ours 127.0.0.1:9000 -runtime=0.5 -control-over-sctp -sctp const20:const300 >insisting.log 2>&1 || status=$?
		echo "insisting $status"
		status=0
		ours 127.0.0.1:9000 -runtime=0.5 -sctp const20:const300:const0:const0:cmt=cmt >cmt.log 2>&1 || status=$?
		echo "cmt $status"
		stop_passive`})
	r.Okay(t)
	if want := "the control channel uses TCP instead"; !strings.Contains(string(r.File(t, "active.log")), want) {
		t.Errorf("no %q\n%s", want, r.All())
	}
	if r.Output != "insisting 2\ncmt 3\n" || !strings.Contains(string(r.File(t, "cmt.log")), "no concurrent multipath transfer") {
		t.Error(r.All())
	}
}
