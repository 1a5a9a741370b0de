package active

import (
	"fmt"
	"math"
	"time"

	"netperfmeter/stats"
	"netperfmeter/traffic"
)

// newReport says what is to be measured, and that nothing is known yet.
func (r *run) newReport() *Report {
	p := &Report{Seed: r.Seed, Measurement: r.id}
	for _, f := range r.Config.Flows {
		spec := f.Spec
		unknown := scalarFigures{}
		p.Flows = append(p.Flows, FlowReport{
			ID: spec.ID, Stream: spec.Stream, Description: spec.Description, Protocol: spec.Protocol, Spec: spec,
			Outgoing: unknown.direction(spec.Outgoing), Incoming: unknown.direction(spec.Incoming),
		})
	}
	if r.Detailed {
		p.own = r.timeline
	}
	return p
}

// fill takes the figures of both sides: this one's own, and the passive side's
// from its scalar file, in which a reference peer has fewer of them.
func (p *Report) fill(r *run, own stats.Scalars, theirs stats.ScalarFile) {
	index := make(map[scalarKey]float64, len(theirs))
	for _, line := range theirs {
		index[scalarKey{line.Object, line.Name}] = line.Value
	}
	for i, f := range r.flows {
		spec := f.config.Spec
		mine := &own.Flows[i]
		peer := scalarFigures{index, fmt.Sprintf("netPerfMeter.passive.flow[%d]", spec.ID)}
		fr := &p.Flows[i]
		fr.Outgoing, fr.Incoming = peer.received(spec.Outgoing), received(spec.Incoming, mine)
		fr.Outgoing.Sent, fr.Outgoing.Sending = mine.Sent.Counts, sending(mine)
		fr.Incoming.Sent, fr.Incoming.Sending = peer.counts("Transmitted"), peer.sending()
	}
	p.First, p.Last = own.FirstEvent, own.LastEvent
	p.Passive = theirs
}

// received is what this side knows of an incoming direction.
func received(d traffic.Direction, f *stats.FlowScalars) DirectionReport {
	return DirectionReport{
		Idle: d.Idle(), Known: true,
		Received: f.Received.Counts, Lost: f.Received.Lost,
		Late: f.Received.Late.Packets, Twice: f.Received.Duplicates.Packets,
		BitRate:     8 * stats.PerSecond(f.Received.Bytes, 0, f.Received.Elapsed()),
		FrameRate:   stats.PerSecond(f.Received.Frames, 0, f.Received.Elapsed()),
		DelayMean:   f.Delay.Mean(),
		DelayMedian: f.Delay.Quantile(0.5),
		Delay99:     f.Delay.Quantile(0.99),
		DelayMax:    f.Delay.Max(),
		Jitter:      f.Received.Jitter,
		Gaps:        gaps(f),
	}
}

// sending is what this side knows of its own sending.
func sending(f *stats.FlowScalars) SendingReport {
	s := SendingReport{
		Skipped: f.Sent.Skipped, Dropped: f.Sent.Dropped,
		Configured: f.ConfiguredRate, Achieved: f.AchievedRate,
		Blocked:        float64(f.Sent.Blocked) / float64(time.Millisecond),
		LatenessMedian: math.NaN(), Lateness99: math.NaN(), LatenessMax: math.NaN(),
	}
	if late := f.Sent.Lateness; late != nil && late.Count() > 0 {
		s.LatenessMedian, s.Lateness99, s.LatenessMax = late.Quantile(0.5), late.Quantile(0.99), late.Max()
	}
	return s
}

type scalarKey struct{ object, name string }

// scalarFigures reads the figures of one object of a scalar file.
type scalarFigures struct {
	index  map[scalarKey]float64
	object string
}

// direction is all that is known of a direction.
func (s scalarFigures) direction(d traffic.Direction) DirectionReport {
	r := s.received(d)
	r.Sending = s.sending()
	return r
}

// value is NaN where the file does not have it.
func (s scalarFigures) value(name string) float64 {
	v, ok := s.index[scalarKey{s.object, name}]
	if !ok {
		return math.NaN()
	}
	return v
}

func (s scalarFigures) counts(what string) stats.Counts {
	count := func(unit string) uint64 {
		if v := s.value(what + " " + unit); v > 0 {
			return uint64(v)
		}
		return 0
	}
	return stats.Counts{Bytes: count("Bytes"), Packets: count("Packets"), Frames: count("Frames")}
}

// received is what the passive side knows of an outgoing direction.
func (s scalarFigures) received(d traffic.Direction) DirectionReport {
	late := s.counts("Late")
	twice := s.counts("Duplicate")
	return DirectionReport{
		Idle: d.Idle(), Known: !math.IsNaN(s.value("Received Bytes")),
		NoLoss:   math.IsNaN(s.value("Lost Packets")),
		Received: s.counts("Received"), Lost: s.counts("Lost"),
		Late: late.Packets, Twice: twice.Packets,
		BitRate:     s.value("Received Bit Rate"),
		FrameRate:   s.value("Received Frame Rate"),
		DelayMean:   s.value("Delay Mean"),
		DelayMedian: s.value("Delay Percentile 50"),
		Delay99:     s.value("Delay Percentile 99"),
		DelayMax:    s.value("Delay Maximum"),
		Jitter:      s.value("Jitter"),
		Gaps:        s.gaps(),
	}
}

// sending is what the passive side knows of its own sending.
func (s scalarFigures) sending() SendingReport {
	count := func(name string) uint64 {
		if v := s.value(name); v > 0 {
			return uint64(v)
		}
		return 0
	}
	known := func(name string) float64 {
		if v := s.value(name); v > 0 {
			return v
		}
		return 0
	}
	return SendingReport{
		Skipped: count("Skipped Frames"), Dropped: count("Dropped Packets"),
		Configured: known("Configured Frame Rate"), Achieved: known("Achieved Frame Rate"),
		Blocked:        known("Blocked Time"),
		LatenessMedian: s.value("Lateness Percentile 50"),
		Lateness99:     s.value("Lateness Percentile 99"),
		LatenessMax:    s.value("Lateness Maximum"),
	}
}
