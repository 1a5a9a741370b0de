package passive

import (
	"errors"

	"netperfmeter/control"
	"netperfmeter/wire"
)

var errUnproven = because(Unproven, errors.New("the client has not proven that it knows the key (--key-file)"))

// askForProof refuses a request of a client that has to prove first that it
// knows the key. ADD_FLOW recognises one of ours, which can do so from then on.
// To that the first refusal is the usual way to ask for a proof: only its
// leaving without one is worth a warning.
func (c *session) askForProof(message control.Message) error {
	key, ok := wire.PeekKey(message.Bytes)
	if !ok || message.Type != wire.TypeAddFlow || !wire.Marked(key.Measurement) {
		return c.refuse(message, errUnproven)
	}
	c.mu.Lock()
	if key.Measurement != c.id {
		c.challenge = control.Challenge{} // what is proven is bound to one measurement
	}
	c.id, c.ours = key.Measurement, true
	again := c.challenged
	c.challenged = true
	c.mu.Unlock()
	if again {
		return c.refuse(message, errUnproven)
	}
	c.log.Debug("asking for a proof of the key", "flow", key)
	return c.acknowledge(key, wire.StatusError)
}

// key answers a Key extension. failed ends the channel, after the answer.
func (c *session) key(body []byte) (kind wire.Kind, answer any, failed error) {
	key := c.server.cfg.Key
	if len(body) == 0 {
		return wire.KindKey, control.KeyProof{Required: key != nil}, nil
	}
	proof, err := c.challenge.Answer(key, c.id, body)
	if err != nil {
		kind, answer = c.reply(wire.KindKey, err)
		if errors.Is(err, control.ErrKey) {
			failed = because(Unproven, err)
		}
		return kind, answer, failed
	}
	if c.challenge.Proven {
		c.state = control.Adding
		c.log.Info("the client has proven that it knows the key")
	}
	return wire.KindKey, proof, nil
}
