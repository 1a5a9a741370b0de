//go:build linux

package endtoend

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// idleClient opens connections, half of them to the control port and half to the TCP data port, from so many addresses,
// says nothing on them, and keeps them until it is ended. Some of them it is going to find closed: it does not mind.
const idleClient = `
import resource, socket, sys, time
count, addresses = int(sys.argv[1]), int(sys.argv[2])
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
kept = []
for i in range(count):
    s = socket.socket()
    s.bind(("127.1.%d.%d" % (i % addresses // 250, 1 + i % addresses % 250), 0))
    s.connect(("127.0.0.1", 9001 - i // (count // 2)))
    kept.append(s)
print("connected", len(kept), flush=True)
time.sleep(600)
`

// TestIdleConnections: ten thousand connections that say nothing do not stop a measurement, and cost few descriptors.
func TestIdleConnections(t *testing.T) {
	lab.NeedTools(t, "python3")
	const connections = 10_000
	for _, row := range []struct {
		addresses int
		most      int // descriptors: two kinds of connections, and some more
	}{{1, 2*256 + 64}, {2500, 2*4096 + 64}} {
		t.Run(fmt.Sprintf("from %d addresses", row.addresses), func(t *testing.T) {
			v := guarded(t)
			before := lab.Descriptors(v.passive.PID)
			idle := v.n.Start(t, lab.Command{Name: "python3", Limit: 3 * time.Minute,
				Args: []string{"-c", idleClient, fmt.Sprint(connections), fmt.Sprint(row.addresses)}})
			idle.Await(t, "connected", 2*time.Minute, func() bool { return strings.Contains(idle.Output(), fmt.Sprint("connected ", connections)) })
			dir := t.TempDir()
			r := v.n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=0.5", "-scalar=r.sca", "-vector=r.vec",
				"-tcp", "const50:const1000:const50:const500", "-mptcp", "const50:const1000", "-udp", "const50:const200:const50:const100").In(dir))
			if r.Code != 0 {
				t.Fatalf("the measurement: %v", r)
			}
			agree(t, lab.ReadResults(t, dir, "r.sca", "r.vec"), []expected{
				{id: 0, stream: true, outgoing: way{frame: travels(1000, 16000)}, incoming: way{frame: travels(500, 16000)}},
				{id: 1, stream: true, outgoing: way{frame: travels(1000, 16000)}, incoming: way{idle: true}},
				{id: 2, outgoing: way{frame: travels(200, 16000)}, incoming: way{frame: travels(100, 16000)}}})
			held := lab.Descriptors(v.passive.PID)
			if held > before+row.most {
				t.Errorf("the passive side had %d descriptors and has %d", before, held)
			}
			v.said(t, "connection closed", "one more unidentified connection", "refusal=limit")
			idle.Signal(syscall.SIGKILL)
			idle.Wait()
			v.passive.Await(t, "nothing left of the idle connections", patience, func() bool { return lab.Descriptors(v.passive.PID) <= before+2+lab.KeptDescriptors() })
			t.Logf("%d connections from %d addresses; descriptors %d before, %d with them", connections, row.addresses, before, held)
		})
	}
}
