//go:build linux

package endurance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"

	"netperfmeter/stats"
)

// shape is a measurement of random shape.
type shape struct {
	flows []string // their transports
	args  []string
}

func pick(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

// randomShape is one of every kind of thing that a command line can ask for, short and small.
func randomShape(r *rand.Rand) shape {
	var s shape
	s.args = append(s.args, fmt.Sprintf("-runtime=%.3f", 0.001+r.Float64()*0.2))
	if r.IntN(2) == 0 {
		s.args = append(s.args, "-vector="+pick(r, "r.vec", "r.vec.bz2"))
	}
	if r.IntN(4) == 0 {
		s.args = append(s.args, "--interval=0.02", "-config=r.config")
	}
	if r.IntN(5) == 0 {
		s.args = append(s.args, "--batch", fmt.Sprint(1+r.IntN(20)))
	}
	for range 1 + r.IntN(5) {
		transport := pick(r, "tcp", "udp", "mptcp")
		s.flows = append(s.flows, transport)
		s.args = append(s.args, "-"+transport, randomFlow(r, transport == "udp"))
	}
	return s
}

func randomFlow(r *rand.Rand, datagrams bool) string {
	flow := randomDirection(r, datagrams) + ":" + randomDirection(r, datagrams)
	if r.IntN(3) == 0 {
		flow += fmt.Sprintf(":maxmsgsize=%d", 128+r.IntN(4000))
	}
	if r.IntN(4) == 0 {
		flow += ":onoff=" + pick(r, "0,0.02,0.05", "+uniform0.001,0.05,+exp0.02,repeat", "0.01")
	}
	if !datagrams && r.IntN(4) == 0 {
		flow += ":nodelay=on"
	}
	return flow
}

func randomDirection(r *rand.Rand, datagrams bool) string {
	if r.IntN(5) == 0 {
		return "const0:const0"
	}
	if !datagrams && r.IntN(4) == 0 {
		return "const0:" + pick(r, "const1460", "uniform100,30000", "exp5000")
	}
	rate := 10 + r.IntN(1500)
	size := pick(r, fmt.Sprintf("const%d", 1+r.IntN(8000)), fmt.Sprintf("uniform0,%d", 1+r.IntN(3000)), fmt.Sprintf("exp%d", 1+r.IntN(1000)),
		fmt.Sprintf("truncnormal%d,100", 1+r.IntN(1000)))
	return pick(r, fmt.Sprintf("const%d", rate), fmt.Sprintf("poisson%d", rate), fmt.Sprintf("uniform%d,%d", rate, 2*rate)) + ":" + size
}

// errStreamLoss says that a stream has lost something, all of which is in the figures.
var errStreamLoss = errors.New("lost on a stream")

// exact holds the scalars of both sides against each other: in each direction what was sent is what was received and
// lost, and streams lose nothing.
func exact(dir string, transports []string) (flows int, messages, lost uint64, err error) {
	active, err := readScalars(dir + "/r-active.sca")
	if err != nil {
		return 0, 0, 0, err
	}
	passive, err := readScalars(dir + "/r-passive.sca")
	if err != nil {
		return 0, 0, 0, err
	}
	for id, transport := range transports {
		for _, way := range []struct {
			name     string
			from, to counters
		}{{"out", counters{active, "active", id}, counters{passive, "passive", id}}, {"in", counters{passive, "passive", id}, counters{active, "active", id}}} {
			for _, unit := range []string{"Bytes", "Packets", "Frames"} {
				sent, received, missing := way.from.of("Transmitted "+unit), way.to.of("Received "+unit), way.to.of("Lost "+unit)
				if sent == received+missing && transport != "udp" && missing != 0 {
					err = fmt.Errorf("flow %d (%s) %s: %d %s: %w", id, transport, way.name, missing, unit, errStreamLoss)
				}
				if sent != received+missing {
					return 0, 0, 0, fmt.Errorf("flow %d (%s) %s: %d %s sent, %d received, %d lost", id, transport, way.name, sent, unit, received, missing)
				}
			}
			messages += way.from.of("Transmitted Packets")
			lost += way.to.of("Lost Packets")
		}
	}
	return len(transports), messages, lost, err
}

type scalarKey struct{ object, name string }

// counters are those of a flow in a scalar file.
type counters struct {
	values map[scalarKey]float64
	side   string
	flow   int
}

func (c counters) of(name string) uint64 {
	v, there := c.values[scalarKey{fmt.Sprintf("netPerfMeter.%s.flow[%d]", c.side, c.flow), name}]
	if !there {
		return 1 << 63 // agrees with nothing
	}
	return uint64(v)
}

func readScalars(path string) (map[scalarKey]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := stats.ParseScalars(f)
	values := make(map[scalarKey]float64, len(lines))
	for _, l := range lines {
		values[scalarKey{l.Object, l.Name}] = l.Value
	}
	return values, err
}
