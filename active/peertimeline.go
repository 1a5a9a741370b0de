package active

import (
	"compress/bzip2"
	"io"

	"netperfmeter/stats"
	"netperfmeter/wire"
)

// peerTimeline is what is kept of the passive side's statistics events: those
// that this side has kept as well, and the last one.
type peerTimeline struct {
	first *moment // nil: there is none
	kept  []*moment
	last  *moment // the end of the measurement; nil: the peer does not say
}

// vectorReader reads the passive side's global vector while it comes. Its
// goroutine ends with close, or before.
type vectorReader struct {
	*io.PipeWriter
	done chan struct{}
	peer *peerTimeline
	err  error // valid after close
}

// readVector begins to read a global vector that is written to the result.
// final says that its last event is the end of the measurement, as in those
// of our own.
func (r *run) readVector(compressed, final bool) *vectorReader {
	in, out := io.Pipe()
	v := &vectorReader{PipeWriter: out, done: make(chan struct{}), peer: &peerTimeline{}}
	index := make(map[wire.FlowID]int, len(r.flows))
	for i, f := range r.flows {
		index[f.key.Flow] = i
	}
	go func() {
		defer close(v.done)
		var text io.Reader = in
		if compressed {
			text = bzip2.NewReader(in)
		}
		v.err = v.read(text, r.timeline, index)
		if !final {
			v.peer.last = nil
		}
		io.Copy(io.Discard, in) // what follows an error must not hold up the transfer
	}()
	return v
}

// end says that the file is complete, or why it is not, and waits for what was
// read of it. Without its end, the last event is any.
func (v *vectorReader) end(err error) (*peerTimeline, error) {
	v.CloseWithError(err)
	<-v.done
	if v.err != nil {
		v.peer.last = nil
	}
	return v.peer, v.err
}

// read collects the lines of each event.
func (v *vectorReader) read(text io.Reader, own *timeline, index map[wire.FlowID]int) error {
	wanted := make(map[int]bool, len(own.kept))
	for _, m := range own.kept {
		wanted[m.number] = true
	}
	var now *moment
	complete := func() {
		if now == nil {
			return
		}
		if v.peer.first == nil {
			clear(now.flows) // as in a timeline
			v.peer.first = now
		}
		if wanted[now.number] && (len(v.peer.kept) == 0 || v.peer.kept[len(v.peer.kept)-1].number < now.number) {
			v.peer.kept = append(v.peer.kept, now)
		}
		v.peer.last = now
	}
	err := stats.ReadGlobalVector(text, func(line *stats.GlobalLine) {
		if now == nil || line.Time != now.time || line.RelTime != now.at {
			complete()
			now = &moment{number: own.numberOf(line.RelTime), time: line.Time, at: line.RelTime, flows: make([]counted, len(index))}
		}
		if i, ok := index[line.Flow]; ok && !line.Total {
			now.flows[i].take(line)
		}
	})
	complete()
	return err
}

func (c *counted) take(line *stats.GlobalLine) {
	c.jitter = line.Jitter
	switch line.Action {
	case "Sent":
		c.sent = line.Counts
	case "Received":
		c.received = line.Counts
	case "Lost":
		c.lost = line.Counts
	}
}
