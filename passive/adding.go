package passive

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// addFlow enters a flow; its data channel identifies itself later.
func (c *session) addFlow(message control.Message) error {
	m, err := wire.ParseAddFlow(message.Bytes)
	if err != nil {
		return c.refuse(message, err)
	}
	spec, err := control.ToSpec(m)
	if err != nil {
		return c.refuse(message, because(ImplausibleFlow, err))
	}
	if !c.server.serves(spec.Protocol) {
		return c.refuse(message, because(TransportNotServed, fmt.Errorf("%v: not served here", spec.Protocol)))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if (c.known || c.challenge.Proven) && m.Measurement != c.id {
		return c.refuse(message, because(OutOfOrder, fmt.Errorf("this control channel is for measurement %016x", uint64(c.id))))
	}
	log := c.log
	if !c.known {
		log = log.With("measurement", fmt.Sprintf("%016x", uint64(m.Measurement)))
	}
	f := &dataFlow{key: m.Key, protocol: spec.Protocol, spec: spec, session: c, log: log}
	if err := c.admit(f); err != nil {
		return c.refuse(message, err)
	}
	if !c.server.flows.add(f) {
		c.dismiss(f)
		return c.refuse(message, because(DuplicateFlow, errors.New("this flow exists already")))
	}
	c.server.controlsWaiting.leave(c.newcomer)
	c.id, c.known, c.ours, c.log = m.Measurement, true, wire.Marked(m.Measurement), log
	c.flows = append(c.flows, f)
	c.server.counters.flowAdded(f)
	c.log.Debug("flow added", "flow", m.Key, "transport", spec.Protocol, "description", spec.Description)
	return c.acknowledge(m.Key, wire.StatusOkay)
}

// serves tells whether flows of a transport can come in here.
func (s *Server) serves(p wire.Protocol) bool {
	for _, l := range s.data {
		if l.protocol == p {
			return true
		}
	}
	return p == wire.UDP && len(s.sockets) > 0
}

// specOf returns what is known of a flow.
func (c *session) specOf(f *dataFlow) traffic.FlowSpec {
	c.mu.Lock()
	defer c.mu.Unlock()
	return f.spec
}

// identify takes a flow's data channel. Only the first IDENTIFY_FLOW of a flow
// is answered: a second answer would be taken for that of the next request.
func (c *session) identify(f *dataFlow, m wire.Identify, conn channels.Conn, drained <-chan struct{}) (first bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.identified {
		return false, nil
	}
	if c.state != control.Adding || !slices.Contains(c.flows, f) {
		return false, because(OutOfOrder, fmt.Errorf("%v: IDENTIFY_FLOW while %v", f.key, c.state))
	}
	options := channels.Options{
		SndBuf: f.spec.SndBuf, RcvBuf: f.spec.RcvBuf,
		NoDelay: f.spec.NoDelay, CongestionControl: f.spec.CC, CCID: f.spec.CCID,
	}
	if err := conn.Apply(options); err != nil {
		return false, errors.Join(because(SocketNotSetUp, fmt.Errorf("%v: %w", f.key, err)), c.acknowledge(f.key, wire.StatusError))
	}
	if err := c.attach(f, m, conn, drained); err != nil {
		return false, errors.Join(fmt.Errorf("%v: %w", f.key, err), c.acknowledge(f.key, wire.StatusError))
	}
	if f.protocol == wire.UDP {
		c.server.flows.addPeer(f, conn.RemoteAddr())
	}
	return true, c.acknowledge(f.key, wire.StatusOkay)
}

// attach makes the flow a part of the measurement, so that what comes in on
// its channel is counted from now on.
func (c *session) attach(f *dataFlow, m wire.Identify, conn channels.Conn, drained <-chan struct{}) error {
	before := f.spec
	f.spec = c.options.Amend(f.spec)
	if err := c.readmit(f, !m.NoVectors); err != nil {
		f.spec = before
		return err
	}
	var vector flow.Vector
	if !m.NoVectors {
		file, err := newSpool(c.server.cfg.TempDir, &c.disk)
		if err != nil {
			return because(NoRoom, err)
		}
		f.vector = file
		vector = flow.Vector{Name: fmt.Sprintf("the vector of flow %d", f.key.Flow), File: file, Compress: m.Compress, Done: file.end}
		vector.Transport = c.ours && channels.KernelTells(f.protocol.String())
	}
	f.identified, f.conn, f.drained = true, channels.Share(conn), drained
	f.flow = c.measurement().Add(f.key, f.spec, f.conn, vector)
	c.measurement().WatchGaps(f.flow, c.options.Gap(f.spec), c.options.Seed != 0)
	return nil
}

// measurement returns the session's measurement, making it at first.
func (c *session) measurement() *flow.Measurement {
	if c.run == nil {
		c.run = flow.NewMeasurement(flow.Config{
			Passive:     true,
			Seed:        c.seed(),
			Interval:    time.Duration(c.options.IntervalMS) * time.Millisecond,
			VectorEvery: c.options.VectorEvery,
			Batch:       c.options.Batch,
			Omit:        time.Duration(c.options.OmitUS) * time.Microsecond,
			Runtime:     time.Duration(c.options.RuntimeUS) * time.Microsecond,
			Timer:       c.server.cfg.Timer,
			TempDir:     c.server.cfg.TempDir,
			MemoryMax:   asInt(c.server.limits[MaxMemory]),
			Reserve:     c.disk.reserve,
			Log:         c.log,
			Progress:    c.server.cfg.Progress,
			Failed: func(f *flow.Flow, err error) {
				if !flow.Reset(err) && !errors.Is(err, net.ErrClosed) {
					c.log.Warn("sending ended", "flow", f.Key, "reason", err)
				}
			},
		})
	}
	return c.run
}
