package passive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/stats"
	"netperfmeter/wire"
)

var errUnknownMeasurement = because(UnknownFlow, errors.New("unknown measurement"))

// start begins the measurement.
func (c *session) start(message control.Message) error {
	m, err := wire.ParseStart(message.Bytes)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := wire.Key{Measurement: m.Measurement}
	if !c.known || m.Measurement != c.id {
		c.server.note(c.log, "request refused", errUnknownMeasurement, "request", wire.TypeStart)
		return c.acknowledge(key, wire.StatusError)
	}
	if !m.NoVectors {
		if c.global, err = newSpool(c.server.cfg.TempDir, &c.disk); err != nil {
			c.server.note(c.log, "request refused", because(NoRoom, err), "request", wire.TypeStart)
			return c.acknowledge(key, wire.StatusError)
		}
	}
	run := c.measurement()
	var global flow.Vector
	if c.global != nil {
		global = flow.Vector{File: c.global, Compress: m.CompressVectors, Done: c.global.end}
	}
	c.state, c.started = control.Running, m
	c.expire("a measurement that has not ended")
	c.server.counters.started.Add(1)
	c.log.Info("measurement started", "flows", len(c.flows), "seed", c.seed())
	run.Start(global)
	for _, f := range c.flows {
		f.running.Store(f.flow)
	}
	return c.acknowledge(key, wire.StatusOkay)
}

// seed is what the active side has asked for, or this side's own.
func (c *session) seed() uint64 {
	if c.options.Seed != 0 {
		return c.options.Seed
	}
	return c.server.cfg.Seed
}

// stop ends the measurement, reads what is in flight, acknowledges and ships
// the global results.
func (c *session) stop(message control.Message) error {
	m, err := wire.ParseStop(message.Bytes)
	if err != nil {
		return err
	}
	key := wire.Key{Measurement: m.Measurement}
	if m.Measurement != c.id {
		c.server.note(c.log, "request refused", errUnknownMeasurement, "request", wire.TypeStop)
		return c.acknowledge(key, wire.StatusError)
	}
	c.mu.Lock()
	c.state = control.Stopped
	c.expire("results that have not been fetched")
	flows, final, run := c.flows, c.final, c.run
	c.mu.Unlock()
	run.StopSending()
	for _, f := range flows {
		if f.stream() {
			f.conn.CloseWrite() // fails where the peer has closed already
		}
	}
	c.drain(flows, final)
	run.Close(final)
	c.server.counters.completed.Add(1)
	c.log.Info("measurement stopped")
	sayMPTCP(run, flows)
	c.watchWriting(run)
	if err := c.acknowledge(key, wire.StatusOkay); err != nil {
		return err
	}
	if final != nil {
		err := c.conn.WriteExtension(wire.ExtensionVersion, wire.KindFinalCounts, c.id, control.NewFinalCounts(run.Sent()))
		if err != nil {
			return err
		}
	}
	return c.sendGlobal(run)
}

// drain lets what is in flight arrive, as long as there is progress.
func (c *session) drain(flows []*dataFlow, final map[wire.Key]*stats.Counts) {
	waiting := make([]flow.Draining, 0, len(flows))
	for _, f := range flows {
		if !f.identified {
			continue
		}
		waiting = append(waiting, flow.Draining{
			Receiver: f.flow.Receiver, Ended: f.drained, Expected: final[f.key],
			Association: f.protocol == wire.SCTP, Held: f.protocol == wire.DCCP,
		})
	}
	for _, d := range flow.Drain(context.Background(), waiting) {
		c.log.Warn("gave up waiting for data in flight", "flow", d.Receiver.Key())
	}
}

// sendGlobal ships the global vector file and the scalars, as START asked for.
func (c *session) sendGlobal(run *flow.Measurement) error {
	if !c.started.NoVectors {
		if err := c.send("global vector", c.global); err != nil {
			return err
		}
	}
	if c.started.NoScalars {
		return nil
	}
	figures := run.Scalars()
	if c.clocks != nil {
		figures.TotalExtra = append(figures.TotalExtra, c.clocks.Lines()...)
	}
	var scalars bytes.Buffer
	if err := writeScalars(&scalars, figures, c.started.CompressScalars); err != nil {
		return fmt.Errorf("scalars: %w", err)
	}
	return c.send("scalars", memory(scalars.Bytes()))
}

// watchWriting logs how far the vectors are, every few seconds until they are
// written or the session ends.
func (c *session) watchWriting(run *flow.Measurement) {
	looks := 0
	c.unwatch = run.WatchWriting(func(w flow.Writing) {
		if looks++; looks%writingLooks == 0 && w.Written < w.Total {
			c.log.Info("writing vectors", "records", w.Total, "written", w.Written, "left", w.Left)
		}
	})
}

// writingLooks is how many seconds are between two lines about the writing.
const writingLooks = 5

func writeScalars(w io.Writer, scalars stats.Scalars, compress bool) error {
	if !compress {
		return stats.WriteScalars(w, "passive", scalars)
	}
	z := stats.NewBzip2Writer(w, 1)
	return errors.Join(stats.WriteScalars(z, "passive", scalars), z.Close())
}

func (c *session) send(what string, file resultFile) error {
	incomplete, err := sendResults(c.conn, file, c.ours)
	if incomplete != nil {
		c.log.Error("result file incomplete", "file", what, "reason", incomplete)
	}
	if err != nil {
		return fmt.Errorf("sending %s: %w", what, err)
	}
	return nil
}

// removeFlow ships the flow's vector file, if there is one, and frees it.
func (c *session) removeFlow(message control.Message) error {
	m, err := wire.ParseRemoveFlow(message.Bytes)
	if err != nil {
		return c.refuse(message, err)
	}
	f := c.take(m.Key)
	if f == nil {
		return c.refuse(message, because(UnknownFlow, errors.New("no such flow on this control channel")))
	}
	defer c.freeFlow(f)
	if !f.identified {
		return c.refuse(message, because(UnknownFlow, errors.New("the flow was never identified")))
	}
	if f.vector == nil {
		return nil
	}
	if err := c.acknowledge(f.key, wire.StatusOkay); err != nil {
		return err
	}
	return c.send(fmt.Sprintf("vector of flow %d stream %d", f.key.Flow, f.key.Stream), f.vector)
}

// take removes a flow from the session. One that is removed before START
// leaves the measurement as well.
func (c *session) take(key wire.Key) *dataFlow {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, f := range c.flows {
		if f.key != key {
			continue
		}
		c.flows = append(c.flows[:i:i], c.flows[i+1:]...)
		if c.state == control.Adding && f.identified {
			c.run.Remove(f.flow)
		}
		return f
	}
	return nil
}
