package passive

import (
	"errors"
	"fmt"

	"netperfmeter/control"
	"netperfmeter/wire"
)

var errUnproven = because(Unproven, errors.New("the client has not proven that it knows the key (--key-file)"))

// unproven is the error of a request from a client that has to prove first
// that it knows the key; nil if it need not or has. A client of ours can do so
// from now on: it has been recognised.
func (c *session) unproven(message control.Message) error {
	key, ok := wire.PeekKey(message.Bytes)
	if c.server.cfg.Key == nil || !ok {
		return nil // without identifiers it is malformed
	}
	id := key.Measurement
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.challenge.Proven {
		if id != c.id {
			return because(OutOfOrder, fmt.Errorf("the key was proven for measurement %016x", uint64(c.id)))
		}
		return nil
	}
	if id != c.id {
		c.challenge = control.Challenge{} // what is proven is bound to one measurement
	}
	c.id, c.ours = id, wire.Marked(id)
	return errUnproven
}

// askForProof refuses the ADD_FLOW of a client that has not proven anything. To
// one of ours the first refusal is the usual way to ask for a proof: only its
// leaving without one is worth a warning.
func (c *session) askForProof(message control.Message, reason error) error {
	key, ok := wire.PeekKey(message.Bytes)
	if !ok || c.challenged || !wire.Marked(key.Measurement) {
		return c.refuse(message, reason)
	}
	c.challenged = true
	c.log.Debug("asking for a proof of the key", "flow", key)
	return c.acknowledge(key, wire.StatusError)
}

// locked tells whether nothing but a proof is taken now.
func (c *session) locked() bool { return c.server.cfg.Key != nil && !c.challenge.Proven }

// key answers a Key extension. failed ends the channel, after the answer.
func (c *session) key(body []byte) (kind wire.Kind, answer any, failed error) {
	if len(body) == 0 {
		return wire.KindKey, control.KeyProof{Required: c.server.cfg.Key != nil}, nil
	}
	proof, err := c.challenge.Answer(c.server.cfg.Key, c.id, body)
	if err != nil {
		kind, answer = c.reply(wire.KindKey, err)
		if errors.Is(err, control.ErrKey) {
			failed = because(Unproven, err)
		}
		return kind, answer, failed
	}
	if c.challenge.Proven {
		c.log.Info("the client has proven that it knows the key")
	}
	return wire.KindKey, proof, nil
}
