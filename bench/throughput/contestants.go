//go:build linux

package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"netperfmeter/bench/internal/lab"
	"netperfmeter/bench/internal/ours"
	"netperfmeter/bench/internal/peers"
)

// blocks are the write sizes at which every stream peer is tried.
var blocks = []int{1400, 16000, 65536, 131072}

const (
	memorySeconds = 20 // the bar for memory has its own time
	watchInterval = 50 * time.Millisecond
)

// contestant is something to run in turn with others.
type contestant struct {
	name string
	run  func(ctx context.Context) (sample, error)
}

// contestants returns what the rows need, each once.
func (b *bench) contestants(rows []row) []contestant {
	var all []contestant
	if b.program != nil {
		all = append(all, b.ourContestants()...)
	}
	if b.reference != nil {
		all = append(all, b.references()...)
	}
	for _, p := range b.peers {
		all = append(all, b.peerContestants(p)...)
	}
	return slices.DeleteFunc(all, func(c contestant) bool {
		return !slices.ContainsFunc(rows, func(r row) bool { return r.wants(c.name) })
	})
}

func (b *bench) ourContestants() []contestant {
	const bz2 = ".vec.bz2"
	return []contestant{
		{"ours tcp 1400", b.stream(b.program, peers.TCP, 1400, "")},
		{"ours tcp 16000", b.stream(b.program, peers.TCP, 16000, "")},
		{"ours tcp 1400 vectors", b.stream(b.program, peers.TCP, 1400, bz2)},
		{"ours tcp 16000 vectors", b.stream(b.program, peers.TCP, 16000, bz2)},
		{"ours mptcp 1400", b.stream(b.program, peers.MPTCP, 1400, "")},
		{"ours udp 1400", b.flood(b.program, 1400)},
		{"ours udp 200", b.flood(b.program, 200)},
		{"ours memory", b.memory()},
	}
}

// references runs Debian's netperfmeter, whose counts do not agree at the end of a
// run: nothing is checked.
func (b *bench) references() []contestant {
	return []contestant{
		{"tcp 1400 reference", b.stream(b.reference, peers.TCP, 1400, "")},
		{"tcp 16000 reference", b.stream(b.reference, peers.TCP, 16000, "")},
		{"reference tcp 1400 vectors", b.stream(b.reference, peers.TCP, 1400, ".vec.bz2")},
		{"udp 1400 reference", b.flood(b.reference, 1400)},
		{"udp 200 reference", b.flood(b.reference, 200)},
	}
}

func (b *bench) peerContestants(p peers.Peer) []contestant {
	var list []contestant
	add := func(name string, f peers.Flow, yield func(r peers.Result, f peers.Flow) sample) {
		list = append(list, contestant{name + " " + p.Name, func(ctx context.Context) (sample, error) {
			f.Seconds, f.Port = b.seconds, b.ports.Next()
			r, err := p.Run(ctx, f)
			return yield(r, f), err
		}})
	}
	stream := func(r peers.Result, f peers.Flow) sample {
		return sample{bits: r.Bits, cpu: (r.Sender.CPU() + r.Receiver.CPU()).Seconds() / (r.Bytes(f) / 1e9)}
	}
	if p.Streams {
		for _, size := range blocks {
			add(fmt.Sprintf("tcp %d", size), peers.Flow{Transport: peers.TCP, Size: size}, stream)
			if p.MPTCP {
				add(fmt.Sprintf("mptcp %d", size), peers.Flow{Transport: peers.MPTCP, Size: size}, stream)
			}
		}
	}
	if p.Floods {
		for _, size := range []int{1400, 200} {
			add(fmt.Sprintf("udp %d", size), peers.Flow{Transport: peers.UDP, Size: size},
				func(r peers.Result, _ peers.Flow) sample { return sample{datagrams: r.Datagrams} })
		}
	}
	return list
}

// job returns one saturated flow from the active to the passive side.
func (b *bench) job(transport peers.Transport, size, seconds int, vectors string) ours.Job {
	return ours.Job{
		Flows:   []string{"-" + string(transport), fmt.Sprintf("const0:const%d:const0:const0", size)},
		Seconds: seconds,
		Vectors: vectors,
		Port:    b.ports.Next() + 1,
		After:   b.after,
	}
}

// stream measures a saturated stream, with vectors if they have a suffix.
func (b *bench) stream(p *ours.Program, transport peers.Transport, size int, vectors string) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		job := b.job(transport, size, b.seconds, vectors)
		if vectors != "" {
			job.Watch = watchInterval
		}
		r, err := p.Run(ctx, job)
		if err != nil {
			return nil, err
		}
		defer r.Remove()
		s := rates(r)
		if p == b.program {
			if err := r.CheckFlow(0); err != nil {
				return nil, err
			}
		}
		if vectors != "" {
			return s, b.vectors(p, r, s)
		}
		return s, nil
	}
}

// vectors checks the passive side's vector file and adds the rate of writing it.
func (b *bench) vectors(p *ours.Program, r *ours.Run, s sample) error {
	if p != b.program { // writes them while it receives
		l, err := ours.ReadVector(r.VectorFile(true, 0))
		s[lines] = float64(l.Count) / r.Passive.Span(0, "Reception").Seconds()
		return err
	}
	l, err := r.CheckVector(true)
	if err != nil {
		return err
	}
	s[lines], err = r.LinesAfter(l.Count)
	return err
}

// rates returns what the passive side received of flow 0, over the time from its
// first to its last message, and the CPU time for it.
func rates(r *ours.Run) sample {
	bytes := r.Passive[ours.Flow(0)]["Received Bytes"]
	return sample{
		bits: bytes * 8 / r.Passive.Span(0, "Reception").Seconds(),
		cpu:  (r.Sender.CPU() + r.Receiver.CPU()).Seconds() / (bytes / 1e9),
		peak: float64(r.Receiver.MaxRSS) / 1e6,
	}
}

// flood measures UDP as fast as it goes.
func (b *bench) flood(p *ours.Program, size int) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		r, err := p.Run(ctx, b.job(peers.UDP, size, b.seconds, ""))
		if err != nil {
			return nil, err
		}
		defer r.Remove()
		if p == b.program {
			if err := r.CheckLoss(0); err != nil {
				return nil, err
			}
		}
		received := r.Passive[ours.Flow(0)]["Received Packets"]
		return sample{
			datagrams: received / r.Passive.Span(0, "Reception").Seconds(),
			peak:      float64(r.Receiver.MaxRSS) / 1e6,
		}, nil
	}
}

// memory watches the receiver during a long run with vectors and their writing.
func (b *bench) memory() func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		job := b.job(peers.TCP, 16000, memorySeconds, ".vec.bz2")
		job.Watch = watchInterval
		r, err := b.program.Run(ctx, job)
		if err != nil {
			return nil, err
		}
		defer r.Remove()
		if err := r.CheckFlow(0); err != nil {
			return nil, err
		}
		if _, err := r.CheckVector(true); err != nil {
			return nil, err
		}
		s := rates(r)
		s[peak] = highest(r.PassiveSamples) / 1e6
		s[growth] = flatness(r.PassiveSamples)
		return s, nil
	}
}

// highest returns the largest VmHWM seen, in bytes.
func highest(samples []lab.Sample) float64 {
	most := int64(0)
	for _, s := range samples {
		most = max(most, s.HWM)
	}
	return float64(most)
}

// flatness compares the resident memory in the last quarter of the run with that in
// its second quarter: 1 for a receiver that does not grow.
func flatness(samples []lab.Sample) float64 {
	if len(samples) == 0 {
		return 0
	}
	start := samples[0].At
	quarter := memorySeconds * time.Second / 4
	var early, late []float64
	for _, s := range samples {
		switch s.At.Sub(start) / quarter {
		case 1:
			early = append(early, float64(s.RSS))
		case 3:
			late = append(late, float64(s.RSS))
		}
	}
	return lab.Median(late) / lab.Median(early)
}
