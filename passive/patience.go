package passive

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"os"
	"time"

	"netperfmeter/control"
)

type closer = interface{ Close() error }

// letIn lets a new connection in or closes it: its address, and the end of the
// server, are what can be against it.
func (s *Server) letIn(conn closer, peer netip.Addr, kind string) bool {
	if !s.cfg.admits(peer) {
		s.noteFlood(s.log, "connection closed", errAddress, "peer", peer, "kind", kind)
		conn.Close()
		return false
	}
	return s.track(conn)
}

// arrive makes a connection a newcomer; the oldest one is closed where there
// are too many.
func (s *Server) arrive(w *waiting, conn closer, peer netip.Addr, kind string) *newcomer {
	entered, evicted, limit := w.enter(conn, clientOf(peer))
	if evicted != nil {
		s.noteFlood(s.log, "connection closed", s.limits.exceeded(limit, "one more unidentified connection"),
			"client", netip.Prefix(evicted.client), "kind", kind)
		evicted.conn.Close()
	}
	return entered
}

// clockSilence is how long the active side may leave between two clock
// exchanges while the measurement runs, of which ours makes one every two seconds.
const clockSilence = 5 * time.Second

// runningSilence is how long an active side that compares clocks while the
// measurement runs may say nothing: one that was stopped still has a kernel that
// answers keepalives.
func (c *Config) runningSilence() time.Duration { return c.PeerTimeout + clockSilence }

// read returns the next message of the control channel. How long that may take
// depends on what the client is about: a newcomer has to add a flow soon, and
// silence is for a running measurement only.
func (c *session) read() (control.Message, error) {
	limits := &c.server.limits
	limit, asked := MaxSilence, "no message"
	switch state := c.currentState(); {
	case !c.measuring:
		limit, asked = MaxUnidentifiedTime, "no flow added"
		if c.arrived.IsZero() {
			c.arrived = time.Now()
		}
		c.conn.SetReadDeadline(later(c.arrived, limits.duration(limit)))
	case state == control.Running && c.compares:
		c.conn.SetReadDeadline(time.Now().Add(c.server.cfg.runningSilence()))
		asked = ""
	case state == control.Running:
		c.conn.SetReadDeadline(time.Time{})
	default:
		c.conn.SetReadDeadline(later(time.Now(), limits.duration(limit)))
	}
	message, err := c.conn.Read()
	if errors.Is(err, os.ErrDeadlineExceeded) && asked == "" {
		return message, because(Silent, fmt.Errorf("the active side has compared clocks, and now says nothing for %v: its process does not run any more", c.server.cfg.runningSilence()))
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return message, limits.exceeded(limit, asked)
	}
	return message, err
}

// later is no time at all where there is no limit.
func later(from time.Time, d time.Duration) time.Time {
	if d == math.MaxInt64 {
		return time.Time{}
	}
	return from.Add(d)
}

// expire gives the session so long from now, whatever it does: with START for
// the measurement, with STOP for the fetching of results.
func (c *session) expire(what string) {
	limits := &c.server.limits
	if c.expiry != nil {
		c.expiry.Stop()
	}
	if limits[MaxRuntime] == NoLimit {
		return
	}
	log := c.log // the session's changes
	c.expiry = time.AfterFunc(limits.duration(MaxRuntime), func() {
		c.server.note(log, "control connection closed", limits.exceeded(MaxRuntime, what))
		c.conn.Close()
	})
}

// checkOptions says whether the options of a measurement are within the limits.
func (l *Limits) checkOptions(o control.Options) error {
	if l[MaxRuntime] != NoLimit && o.RuntimeUS/1_000_000 > l[MaxRuntime] {
		return l.exceeded(MaxRuntime, "a measurement of "+(time.Duration(o.RuntimeUS)*time.Microsecond).String())
	}
	if n := int64(len(o.Flows)); n > l[MaxClientFlows] {
		return l.exceeded(MaxClientFlows, fmt.Sprintf("options of %d flows", n))
	}
	return nil
}

// asInt is a limit as a number of things that memory can hold.
func asInt(limit int64) int { return int(min(limit, math.MaxInt)) }
