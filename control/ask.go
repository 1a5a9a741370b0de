package control

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"netperfmeter/wire"
)

// Tell says something to a peer of ours and waits until it has taken it. It
// returns ErrRefused, with the peer's reason, when it has not.
func (c *Client) Tell(ctx context.Context, kind wire.Kind, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("%v: %w", kind, err)
	}
	answer, err := c.exchange(ctx, kind, text)
	if err != nil {
		return err
	}
	return answer.accepted(kind)
}

// Ask gets what a peer of ours has to say of a kind, into out.
func (c *Client) Ask(ctx context.Context, kind wire.Kind, out any) error {
	answer, err := c.exchange(ctx, kind, nil)
	if err != nil {
		return err
	}
	if answer.Kind != kind {
		return answer.accepted(kind)
	}
	if err := json.Unmarshal(answer.Body, out); err != nil {
		return fmt.Errorf("%w: %v: %w", ErrProtocol, kind, err)
	}
	return nil
}

// AskAbout is Ask with a question, nil for an empty one; parse takes the
// answer's body.
func (c *Client) AskAbout(ctx context.Context, kind wire.Kind, question any, parse func(body []byte) error) error {
	var text []byte
	if question != nil {
		var err error
		if text, err = json.Marshal(question); err != nil {
			return fmt.Errorf("%v: %w", kind, err)
		}
	}
	answer, err := c.exchange(ctx, kind, text)
	if err != nil {
		return err
	}
	if answer.Kind != kind {
		return answer.accepted(kind)
	}
	if err := parse(answer.Body); err != nil {
		return fmt.Errorf("%w: %w", ErrProtocol, err)
	}
	return nil
}

// FinalCounts receives what the peer has sent in all. A peer of ours that has
// been told the same of this side says it after its answer to STOP.
func (c *Client) FinalCounts(ctx context.Context) (counts FinalCounts, err error) {
	answer, err := c.receive(ctx, wire.KindFinalCounts)
	if err != nil {
		return counts, err
	}
	if err := json.Unmarshal(answer.Body, &counts); err != nil {
		return counts, fmt.Errorf("%w: final counts: %w", ErrProtocol, err)
	}
	return counts, nil
}

// exchange sends one body and returns the one that answers it.
func (c *Client) exchange(ctx context.Context, kind wire.Kind, body []byte) (Extension, error) {
	if err := c.conn.writeExtension(c.version, kind, c.measurement, body); err != nil {
		return Extension{}, fmt.Errorf("sending %v: %w", kind, err)
	}
	return c.receive(ctx, kind)
}

// receive waits for a whole body of the kind, or a Reply.
func (c *Client) receive(ctx context.Context, kind wire.Kind) (Extension, error) {
	var parts wire.ExtensionBody
	for {
		message, err := c.conn.ReadTimeout(ctx, max(answerTimeout, c.Patience))
		if err != nil {
			return Extension{}, fmt.Errorf("waiting for %v: %w", kind, err)
		}
		if message.Type != wire.TypeExtension {
			return Extension{}, protocolError("%v instead of %v", message.Type, kind)
		}
		answer, done, err := JoinExtension(&parts, message, c.measurement)
		if err != nil {
			return Extension{}, err
		}
		if !done {
			continue
		}
		if answer.Kind != kind && answer.Kind != wire.KindReply {
			return Extension{}, protocolError("%v in answer to %v", answer.Kind, kind)
		}
		return answer, nil
	}
}

// accepted reads a Reply to a message of the given kind.
func (e Extension) accepted(kind wire.Kind) error {
	var reply Reply
	if err := json.Unmarshal(e.Body, &reply); err != nil {
		return fmt.Errorf("%w: reply to %v: %w", ErrProtocol, kind, err)
	}
	if reply.Status != ReplyOkay {
		return fmt.Errorf("%w: %v: %s", ErrRefused, kind, cmp.Or(reply.Reason, reply.Status))
	}
	return nil
}
