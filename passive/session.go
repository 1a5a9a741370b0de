package passive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/stats"
	"netperfmeter/wire"
)

// controlWriteTimeout bounds one write on a control channel: a client that
// reads nothing is given up then.
const controlWriteTimeout = 60 * time.Second

// session is one control channel with the measurement that belongs to it. Its
// own goroutine reads the channel and answers; the goroutines of data
// connections report identified flows.
type session struct {
	server    *Server
	conn      *control.Conn
	channel   net.Conn // below conn
	client    client
	addresses addressBook
	disk      disk
	newcomer  *newcomer    // until the first flow is added
	arrived   time.Time    // the first read
	log       *slog.Logger // names the peer and, once it is known, the measurement

	mu         sync.Mutex // guards all below
	state      control.State
	id         wire.MeasurementID
	known      bool // id is set
	ours       bool // the active side is a program of ours
	flows      []*dataFlow
	options    control.Options
	challenge  control.Challenge
	challenged bool                       // a proof has been asked for
	final      map[wire.Key]*stats.Counts // what the active side has sent in all, if it says so
	joining    wire.ExtensionBody
	bodies     int64 // bytes that are booked for it
	run        *flow.Measurement
	global     *spool      // the global vector file, nil if not wanted
	compares   bool        // clock exchanges have come, and go on
	measuring  bool        // a measurement is booked
	expiry     *time.Timer // ends what takes too long
	unwatch    func()      // ends the watch over the writing of vectors; nil: none
	started    wire.Start
	clocks     *stats.ClockResult // what the active side has found of the clocks; nil: nothing

	mptcpBefore map[string]uint64 // MPTCP's counters when the session began; does not change
}

func (s *Server) acceptControl(ctx context.Context, l net.Listener) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	peer, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		s.log.Warn("control connection closed", "peer", conn.RemoteAddr(), "reason", err)
		return conn.Close()
	}
	if !s.letIn(conn, peer.Addr(), "control") {
		return nil
	}
	c := &session{
		server: s, conn: control.NewConn(conn, max(controlWriteTimeout, s.cfg.PeerTimeout)),
		channel: conn, client: clientOf(peer.Addr()), log: s.log.With("peer", peer.String()),
		newcomer: s.arrive(s.controlsWaiting, conn, peer.Addr(), "control"),
	}
	c.disk.ledger, c.disk.client = s.ledger, c.client
	if s.cfg.Key == nil {
		c.state = control.Adding
	}
	s.sessions.Go(func() {
		defer s.untrack(conn)
		defer s.counters.opened(&s.counters.control)()
		c.mptcpBefore = channels.MPTCPCounters() // not where connections are accepted: that must be quick
		c.log.Debug("control connection accepted")
		err := c.serve()
		c.free()
		switch {
		case errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || ctx.Err() != nil:
			c.log.Debug("control connection ended")
		default:
			s.noteEnd(c.log, "control connection closed", err)
		}
	})
	return nil
}

// serve answers messages until the channel ends or a message closes it, and
// returns why: io.EOF for an end in order.
func (c *session) serve() error {
	for {
		message, err := c.read()
		if err != nil {
			return err
		}
		if c.joining.Pending() && message.Type != wire.TypeExtension {
			return because(Malformed, fmt.Errorf("%w: %v between the parts of an EXTENSION", control.ErrProtocol, message.Type))
		}
		switch control.AnswerTo(c.currentState(), message.Type) {
		case control.Close:
			return because(Malformed, fmt.Errorf("%w: %v on a control channel", control.ErrProtocol, message.Type))
		case control.Refuse:
			err = c.refuseNow(message)
		default:
			err = c.handle(message)
		}
		if err != nil {
			return err
		}
	}
}

func (c *session) currentState() control.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

func (c *session) handle(message control.Message) error {
	switch message.Type {
	case wire.TypeAddFlow:
		return c.addFlow(message)
	case wire.TypeRemoveFlow:
		return c.removeFlow(message)
	case wire.TypeStart:
		return c.start(message)
	case wire.TypeStop:
		return c.stop(message)
	default:
		return c.extension(message)
	}
}

// refuseNow refuses a request that does not belong into the state.
func (c *session) refuseNow(message control.Message) error {
	state := c.currentState()
	if state == control.Locked {
		return c.askForProof(message)
	}
	return c.refuse(message, because(OutOfOrder, fmt.Errorf("%v while %v", message.Type, state)))
}

// refuse answers a request with Status 1 and the identifiers that it named. A
// request that names none closes the channel.
func (c *session) refuse(message control.Message, reason error) error {
	key, ok := wire.PeekKey(message.Bytes)
	if !ok {
		return reason
	}
	c.server.note(c.log, "request refused", reason, "request", message.Type, "flow", key)
	return c.acknowledge(key, wire.StatusError)
}

func (c *session) acknowledge(key wire.Key, status uint32) error {
	m := wire.Acknowledge{Key: key, Status: status}
	if wire.Marked(key.Measurement) {
		m.Extension = wire.Confirmation(key.Measurement, wire.ExtensionVersion)
	}
	return c.conn.Write(m.Append(nil))
}

// dataEnded is told when a flow's data connection has ended.
func (c *session) dataEnded(f *dataFlow, err error) {
	f.flow.LookLast()
	if cut := f.flow.Receiver.Cut(); cut > 0 {
		f.log.Info("the peer cut its last message short; it does not count", "flow", f.key, "bytes", cut)
	}
	if c.currentState() == control.Running && !harmless(err) {
		f.log.Warn("data connection of a running flow ended", "flow", f.key, "reason", err)
	}
}

// free ends everything that belongs to the session. It returns when the
// measurement's goroutines have ended.
func (c *session) free() {
	c.mu.Lock()
	flows, run, state := c.flows, c.run, c.state
	c.flows = nil
	c.mu.Unlock()
	for _, f := range flows {
		c.server.flows.remove(f)
	}
	if c.unwatch != nil {
		c.unwatch()
	}
	if run != nil {
		run.Abandon()
	}
	for _, f := range flows {
		c.freeFlow(f)
	}
	c.server.counters.sessionEnded(state)
	if c.global != nil {
		c.global.close()
	}
	if c.challenged && state == control.Locked {
		c.server.note(c.log, "client left", errUnproven)
	}
	if c.expiry != nil {
		c.expiry.Stop()
	}
	c.server.controlsWaiting.leave(c.newcomer)
	c.disk.releaseAll()
	c.releaseBodies()
	if c.measuring {
		c.server.ledger.give(c.client, bookedMeasurements, 1)
		c.server.ledger.give(c.client, bookedDescriptors, ownDescriptors)
	}
}

// freeFlow closes a flow's channel and drops its files. The flow is in no
// registry any more.
func (c *session) freeFlow(f *dataFlow) {
	c.server.flows.remove(f)
	c.server.counters.flowEnded(f)
	c.dismiss(f)
	if f.conn != nil {
		f.conn.Close()
	}
	if f.vector != nil {
		f.vector.close()
	}
}
