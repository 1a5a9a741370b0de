//go:build linux

package endtoend

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"netperfmeter/test/lab"
)

// generated is a command line with what is known of its flows.
type generated struct {
	args           []string
	scalar, vector string
	flows          []expected
}

// generator makes command lines: every transport, direction, distribution and
// form of list comes up, alone and with others.
type generator struct{ *rand.Rand }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }

// number is between low and high with few digits.
func (g generator) number(low, high float64) string {
	return fmt.Sprintf("%.3g", low+g.Float64()*(high-low))
}

// commandLine makes one. With saturated flows in it the run is short: what
// they carry in a second makes files of millions of lines.
func (g generator) commandLine() generated {
	c := generated{scalar: g.one("r.sca", "r.sca.bz2"), vector: g.one("r.vec", "r.vec.bz2")}
	host := "127.0.0.1:9000"
	if g.chance(20) {
		host = "[::1]:9000"
	}
	saturated := g.chance(15)
	runtime := g.number(0.6, 1.1)
	if saturated {
		runtime = g.number(0.1, 0.3)
	}
	c.args = []string{host, "-runtime=" + runtime, "-scalar=" + c.scalar, "-vector=" + c.vector, "-config=r.config"}
	c.args = append(c.args, g.options()...)
	copies := 1
	if g.chance(20) {
		copies = 2 + g.IntN(3)
		c.args = append(c.args, fmt.Sprintf("-count=%d", copies))
	}
	flows := 1 + g.IntN(4)
	if saturated {
		flows = 1 + g.IntN(2)
	}
	next := uint32(0)
	for i := range flows {
		f := g.flow(saturated && i == 0)
		if copies == 1 && g.chance(20) {
			next += uint32(g.IntN(1000))
			f.options = append(f.options, fmt.Sprintf("id=%d", next))
		}
		f.id = next
		next++
		c.flows = append(c.flows, f.expected)
		c.args = append(c.args, "-"+f.transport, strings.Join(append(f.values, f.options...), ":"))
	}
	list := c.flows
	for range copies - 1 {
		for _, f := range list {
			f.id = next
			next++
			c.flows = append(c.flows, f)
		}
	}
	return c
}

// options are those of a whole measurement.
func (g generator) options() []string {
	var o []string
	for _, option := range []struct {
		percent int
		args    []string
	}{
		{20, []string{"--batch", g.one("1", "2", "7")}},
		{20, []string{"--disable", g.one("gso", "gro", "mmsg", "timestamps", "gso,gro", "gso,gro,mmsg,timestamps")}},
		{20, []string{"--interval", g.one("0.05", "0.2")}},
		{20, []string{"--timer", "economical"}},
		{20, []string{"--seed", fmt.Sprint(1 + g.Uint64N(1e9))}},
		{20, []string{"-control-over-mptcp"}},
		{20, []string{"-activenodename=Here", "-passivenodename=\"There\" $HOME"}},
	} {
		if g.chance(option.percent) {
			o = append(o, option.args...)
		}
	}
	return o
}

// generatedFlow is one FLOWSPEC.
type generatedFlow struct {
	expected
	transport       string
	values, options []string
}

func (g generator) flow(saturated bool) generatedFlow {
	f := generatedFlow{transport: g.one("tcp", "tcp", "mptcp", "udp", "udp")}
	if saturated {
		f.transport = g.one("tcp", "mptcp", "udp") // over UDP it is a flood, most of which is lost
	}
	f.stream = f.transport != "udp"
	maxMsg := 16000
	if g.chance(40) {
		maxMsg = []int{128, 200, 1000, 1460, 4000, 60000}[g.IntN(6)]
		if saturated {
			maxMsg = max(maxMsg, 1000)
		}
		f.options = append(f.options, fmt.Sprintf("maxmsgsize=%d", maxMsg))
	}
	out, in := true, g.chance(50)
	if g.chance(20) {
		out, in = false, true
	}
	f.outgoing = g.direction(&f, out, saturated, maxMsg)
	f.incoming = g.direction(&f, in, saturated && g.chance(50), maxMsg)
	f.options = append(f.options, g.flowOptions(f.stream)...)
	return f
}

// direction adds the rate and the size of one direction.
func (g generator) direction(f *generatedFlow, used, saturated bool, maxMsg int) way {
	if !used {
		f.values = append(f.values, g.one("const0", g.rate()), "const0")
		return way{idle: true}
	}
	if saturated {
		size := []int{1460, 1000, 5000, 20000, 100000, 1 << 20}[g.IntN(6)]
		if g.chance(30) {
			f.values = append(f.values, "const0", g.one("uniform0,3000", "exp2000", "pareto1000,2", "normal2000,2000", "truncnormal2000,2000"))
			return way{}
		}
		f.values = append(f.values, "const0", fmt.Sprint("const", size))
		return way{frame: travels(size, maxMsg)}
	}
	f.values = append(f.values, g.rate())
	if g.chance(40) {
		size := []int{1, 10, 47, 48, 49, 127, 128, 129, 330, 1460, 2500, 16000, 16001, 40000}[g.IntN(14)]
		f.values = append(f.values, g.one("const", "")+fmt.Sprint(size))
		return way{frame: travels(size, maxMsg)}
	}
	most := g.number(100, 5000)
	f.values = append(f.values, g.one("uniform0,"+most, "uniform20,"+most, "exp"+most, "pareto"+g.number(10, 600)+",1.5",
		"normal"+most+",300", "normal100,400", "truncnormal"+most+",500"))
	return way{}
}

// rate is one that socket buffers hold, though the receiver be late.
func (g generator) rate() string {
	r := g.number(5, 150)
	return g.one("const"+r, r, "const1000", "uniform1,"+g.number(2, 200), "uniform0,"+r, "exp"+r,
		"pareto"+g.number(5, 60)+",2", "normal"+r+",20", "truncnormal"+r+",30")
}

func (g generator) flowOptions(stream bool) []string {
	var o []string
	if g.chance(35) {
		o = append(o, "onoff="+g.onOff())
	}
	if g.chance(20) {
		o = append(o, "description="+g.one("Bravo", "with blanks in it", `quoted "text" $(id)`, strings.Repeat("long ", 10)))
	}
	if g.chance(15) {
		o = append(o, "sndbuf=100000", "rcvbuf=120000")
	}
	if g.chance(10) {
		o = append(o, "defragtimeout=100")
	}
	if g.chance(10) {
		o = append(o, "error_on_abort=off")
	}
	if stream && g.chance(30) {
		o = append(o, "nodelay=on")
	}
	if stream && g.chance(20) {
		o = append(o, "cc=cubic")
	}
	return o
}

// onOff is a list of any form: absolute, relative, random, repeated.
func (g generator) onOff() string {
	return g.one("0", "0.1", "0.05,0.3", "0,0.1,0.2,0.4,0.5", "+0.1,+0.2,+0.1", "0.1,+0.2",
		"+0.05,+0.05,repeat", "+0,+0.1,repeat", "+uniform0.01,0.1,+exp0.05,repeat", "exp0.2",
		"+pareto0.0166667,1.5,+pareto0.0166667,1.5,repeat", "+normal0.1,0.05,+truncnormal0.05,0.05,repeat", "100")
}

// travels is what a frame of a size is on the wire: messages of maxMsg bytes
// and a rest, none shorter than a header.
func travels(size, maxMsg int) lab.Counts {
	c := lab.Counts{Frames: 1}
	for ; size > 0; size -= maxMsg {
		c.Packets++
		c.Bytes += uint64(max(min(size, maxMsg), 48))
	}
	return c
}
