//go:build linux

// Package peers runs the programs that ours is compared with, each as its users do:
// one sender, one receiver, plain writes, one stream, kernel buffers left alone.
//
// It owns nothing beyond the run of a call: both processes of a peer are started
// and ended by it. Every run happens in the calling program's network namespace.
package peers

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"netperfmeter/bench/internal/lab"
)

// Transport is what a flow runs over.
type Transport string

// The transports that some peer has.
const (
	TCP   Transport = "tcp"
	MPTCP Transport = "mptcp"
	UDP   Transport = "udp"
)

// Host is where every receiver is.
const Host = "127.0.0.1"

// Flow is the work for a peer: one flow from its sender to its receiver.
type Flow struct {
	Transport Transport
	Size      int // bytes per write or datagram
	Rate      int // writes or datagrams per second; 0: as fast as it goes
	Seconds   int
	Port      uint16 // the first of ten free ones
}

// limit bounds a process of this flow.
func (f Flow) limit() time.Duration { return time.Duration(f.Seconds)*time.Second + 15*time.Second }

// Result is what a peer reached.
type Result struct {
	Bits      float64 // received bit/s of payload, by the receiver's report (streams)
	Datagrams float64 // received per second, by the kernel's count (UDP)
	Sender    lab.Usage
	Receiver  lab.Usage
}

// Bytes returns how much payload the receiver got (streams).
func (r Result) Bytes(f Flow) float64 { return r.Bits / 8 * float64(f.Seconds) }

// Peer is one program.
type Peer struct {
	Name     string
	Version  string
	Streams  bool     // measures TCP
	MPTCP    bool     // and MPTCP, under mptcpize
	Floods   bool     // sends UDP as fast as it goes
	programs []string // all must be there
	version  []string
	row      runner
	data     func(f Flow) uint16
}

// runner starts both processes of a peer for a flow and waits for their end.
type runner func(ctx context.Context, f Flow) (Result, error)

// table returns all peers that the benchmarks know.
func table() []Peer {
	same := func(f Flow) uint16 { return f.Port }
	next := func(f Flow) uint16 { return f.Port + 1 }
	return []Peer{
		{Name: "iperf3", programs: []string{"iperf3"}, version: []string{"iperf3", "--version"},
			row: iperf3, data: same, Streams: true, MPTCP: installed([]string{"mptcpize"}), Floods: true},
		{Name: "iperf2", programs: []string{"iperf"}, version: []string{"iperf", "--version"},
			row: iperf2, data: same, Streams: true, Floods: true},
		{Name: "nuttcp", programs: []string{"nuttcp"}, version: []string{"nuttcp", "-V"},
			row: nuttcp, data: next, Streams: true, Floods: true},
		{Name: "D-ITG", programs: []string{"ITGSend", "ITGRecv"}, version: []string{"ITGSend", "-h"},
			row: ditg, data: next, Floods: true},
		{Name: "sockperf", programs: []string{"sockperf"}, version: []string{"sockperf", "--version"},
			row: sockperf, data: same},
		{Name: "irtt", programs: []string{"irtt"}, version: []string{"irtt", "version"},
			row: irtt, data: same},
	}
}

// Find returns the peers that are installed, and the names of those that are not.
func Find(ctx context.Context) (found []Peer, missing []string) {
	for _, p := range table() {
		if !installed(p.programs) {
			missing = append(missing, p.Name)
			continue
		}
		out, _, _ := lab.Run(ctx, 5*time.Second, p.version[0], p.version[1:]...) // some exit with 1 here
		p.Version = versionNumber.FindString(out)
		found = append(found, p)
	}
	return found, missing
}

// DataPort returns the destination port of the flow's data.
func (p Peer) DataPort(f Flow) uint16 { return p.data(f) }

// Run measures one flow.
func (p Peer) Run(ctx context.Context, f Flow) (Result, error) {
	before, err := lab.Datagrams()
	if err != nil {
		return Result{}, err
	}
	r, err := p.row(ctx, f)
	if err != nil {
		return r, fmt.Errorf("%s: %w", p.Name, err)
	}
	after, err := lab.Datagrams()
	if f.Transport == UDP {
		r.Datagrams = float64(after-before) / float64(f.Seconds)
	}
	return r, err
}

func installed(programs []string) bool {
	for _, name := range programs {
		if _, err := exec.LookPath(name); err != nil {
			return false
		}
	}
	return true
}

var versionNumber = regexp.MustCompile(`[0-9]+\.[0-9]+(\.[0-9]+)?`)

// Versions returns one line with all peers and their versions.
func Versions(list []Peer) string {
	var parts []string
	for _, p := range list {
		parts = append(parts, p.Name+" "+p.Version)
	}
	return "Peers: " + strings.Join(parts, ", ")
}
