//go:build linux

package endtoend

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// published are the commands of tutorials and papers, as they are typed there.
var published = []struct {
	name, command  string
	scalar, vector string
	flows          []expected
	rows           []string // the table has one that begins with these words
}{
	{name: "paced", command: "netperfmeter HOST:9000 -tcp const10:const1460:const0:const0",
		rows: []string{"0 TCP out"}},
	{name: "saturated", command: "netperfmeter HOST:9000 -tcp const0:const1460:const0:const0",
		rows: []string{"0 TCP out"}},
	{name: "both ways", command: "netperfmeter HOST:9000 -tcp const0:const1460:const10:const1460",
		rows: []string{"0 TCP out", "0 TCP in"}},
	{name: "mptcp beside tcp", command: "netperfmeter HOST:9000 -tcp const0:const1460:const0:const0:cmt=mptcp -tcp const0:const1460:const0:const0:cmt=off",
		rows: []string{"0 MPTCP out", "1 TCP out"}},
	{name: "a minute with files", command: "netperfmeter HOST:9000 -runtime=60 -scalar=scalars.sca.bz2 -vector=vectors.vec.bz2 " +
		"-tcp const0:const1460:const0:const0:cmt=mptcp -tcp const0:const1460:const0:const0:cmt=off",
		scalar: "scalars.sca.bz2", vector: "vectors.vec.bz2", flows: []expected{
			{id: 0, stream: true, outgoing: way{frame: travels(1460, 16000)}, incoming: way{idle: true}},
			{id: 1, stream: true, outgoing: way{frame: travels(1460, 16000)}, incoming: way{idle: true}}},
		rows: []string{"0 MPTCP out", "1 TCP out"}},
	{name: "on and off", command: "netperfmeter HOST:9000 -config=o.config -vector=o.vec.bz2 -scalar=o.sca.bz2 -runtime=10 -count=10 " +
		"-udp const0:const0:const25:const2500:onoff=+pareto0.166667,1.5,+pareto0.166667,1.5,repeat",
		scalar: "o.sca.bz2", vector: "o.vec.bz2", flows: tenOf(expected{outgoing: way{idle: true}, incoming: way{frame: travels(2500, 16000)}}),
		rows: []string{"0 UDP in", "9 UDP in"}},
}

func tenOf(f expected) []expected {
	flows := make([]expected, 10)
	for i := range flows {
		flows[i] = f
		flows[i].id = uint32(i)
	}
	return flows
}

// TestPublishedCommands types them on two shaped paths. Those without a run
// time are interrupted after a while, which is their end.
func TestPublishedCommands(t *testing.T) {
	for _, p := range published {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			paths := lab.TwoPaths(t)
			passive := paths.Server.StartPassive(t, 9000)
			host := paths.ServerAddr[0].String()
			dir := t.TempDir()
			words := strings.Fields(strings.Replace(p.command, "HOST", host, 1))
			active := paths.Client.Start(t, lab.Ours(t, words[1:]...).In(dir).For(3*time.Minute))
			if !strings.Contains(p.command, "-runtime") {
				time.Sleep(2 * time.Second)
				active.Signal(syscall.SIGINT)
			}
			r := active.Wait()
			if r.Code != 0 {
				t.Fatalf("%s: %v", p.command, r)
			}
			for _, begin := range p.rows {
				hasRow(t, r.Stdout, begin)
			}
			if p.scalar != "" {
				agree(t, lab.ReadResults(t, dir, p.scalar, p.vector), p.flows)
			}
			if end := passive.Stop(); end.Code != 0 || end.TimedOut {
				t.Errorf("passive side: %v", end)
			}
		})
	}
}

// hasRow looks for a row of the final table by its first words, and for bytes
// in it.
func hasRow(t *testing.T, table, begin string) {
	t.Helper()
	for line := range strings.Lines(table) {
		words := strings.Join(strings.Fields(line), " ")
		if strings.HasPrefix(words, begin+" ") {
			if strings.Contains(words, " 0 B 0 0 ") {
				t.Errorf("nothing went through: %s", line)
			}
			return
		}
	}
	t.Errorf("no row %q in\n%s", begin, table)
}
