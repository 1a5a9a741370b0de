package passive

import (
	"errors"
	"fmt"

	"netperfmeter/control"
	"netperfmeter/wire"
)

// extension answers what an active side of ours says beyond the protocol: one
// body with one body.
func (c *session) extension(message control.Message) error {
	received := c.server.wallClock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ours {
		return fmt.Errorf("%w: EXTENSION before recognition", control.ErrProtocol)
	}
	e, done, err := control.JoinExtension(&c.joining, message, c.id)
	if err != nil {
		return err
	}
	if !done && c.state == control.Locked {
		return errUnproven // a proof has one part
	}
	if !done {
		// What waits for its last part is memory that anyone can ask for.
		if err := c.server.ledger.take(c.client, bookedBodies, int64(message.Length)); err != nil {
			return err
		}
		c.bodies += int64(message.Length)
		return nil
	}
	c.releaseBodies()
	if e.Kind == wire.KindKey {
		kind, body, failed := c.key(e.Body)
		return errors.Join(c.conn.WriteExtension(e.Version, kind, c.id, body), failed)
	}
	kind, body := c.answer(e, received)
	return c.conn.WriteExtension(e.Version, kind, c.id, body)
}

// releaseBodies gives back what the parts of a body have taken.
func (c *session) releaseBodies() {
	c.server.ledger.give(c.client, bookedBodies, c.bodies)
	c.bodies = 0
}

// answer finds the answer to a whole body, which was received at that time of
// the wall clock.
func (c *session) answer(e control.Extension, received int64) (wire.Kind, any) {
	asked := len(e.Body) == 0
	if c.state == control.Locked {
		return c.reply(e.Kind, errUnproven)
	}
	switch {
	case e.Kind == wire.KindOptions && !asked:
		return c.reply(e.Kind, c.setOptions(e.Body))
	case e.Kind == wire.KindClock && !asked:
		return c.clock(e.Body, received)
	case e.Kind == wire.KindFinalCounts && !asked:
		return c.reply(e.Kind, c.setFinal(e.Body))
	case e.Kind == wire.KindState:
		return answerOr(c, e.Kind, c.answerState, e.Body)
	case e.Kind == wire.KindTransport && !asked:
		return answerOr(c, e.Kind, c.answerTransport, e.Body)
	case e.Kind == wire.KindEnvironment && asked:
		return e.Kind, c.server.hostNow()
	}
	return wire.KindReply, control.Reply{Status: control.ReplyUnsupported, Kind: e.Kind}
}

// answerOr gives an answer of the question's own kind, or says why not.
func answerOr[A any](c *session, kind wire.Kind, answer func([]byte) (A, error), body []byte) (wire.Kind, any) {
	a, err := answer(body)
	if err != nil {
		return c.reply(kind, err)
	}
	return kind, a
}

func (c *session) reply(kind wire.Kind, err error) (wire.Kind, control.Reply) {
	if err != nil {
		c.server.note(c.log, "extension refused", err, "kind", kind)
		return wire.KindReply, control.Reply{Status: control.ReplyError, Kind: kind, Reason: err.Error()}
	}
	return wire.KindReply, control.Reply{Status: control.ReplyOkay, Kind: kind}
}

func (c *session) setOptions(body []byte) error {
	if c.state != control.Adding {
		return fmt.Errorf("options while %v", c.state)
	}
	options, err := control.ParseOptions(body)
	if err == nil {
		err = c.server.limits.checkOptions(options)
	}
	if err == nil {
		c.options = options
	}
	return err
}

func (c *session) setFinal(body []byte) error {
	counts, err := control.ParseFinalCounts(body)
	if err == nil && len(counts.Flows) > len(c.flows) {
		err = fmt.Errorf("final counts of %d flows, expected those of %d", len(counts.Flows), len(c.flows))
	}
	if err == nil {
		c.final = counts.ByKey(c.id)
		if c.run != nil {
			c.run.PeerStopped() // it says so when it has ended its senders
		}
	}
	return err
}
