package flow

import (
	"errors"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// Source is what messages are received from: a connection, or the socket that
// many peers send to.
type Source interface {
	Receive(*channels.ReceiveBatch) error
}

// Handler says what becomes of received messages. An error that one of its
// functions returns ends the reading.
type Handler struct {
	// FlowOf finds the flow of a message, nil for none.
	FlowOf func(b *channels.ReceiveBatch, m *channels.Message) *Receiver
	// Other takes what is not DATA, or of no known flow.
	Other func(b *channels.ReceiveBatch, m *channels.Message) error
	// Bad takes DATA that cannot be read.
	Bad func(b *channels.ReceiveBatch, m *channels.Message, err error) error
}

// Receive reads a socket to its end and hands each message to its flow. It
// returns the error that ended it: io.EOF at the end of a stream,
// io.ErrUnexpectedEOF if that was inside a message, net.ErrClosed when the
// socket was closed.
func Receive(source Source, h Handler) error {
	var b channels.ReceiveBatch
	defer b.Release()
	var last *Receiver // of the latest message: a stream has one flow
	for {
		err := source.Receive(&b)
		if n := len(b.Msgs); n > 0 {
			last = h.FlowOf(&b, &b.Msgs[n-1])
		}
		if e := h.distribute(&b); e != nil {
			return e
		}
		b.Release()
		var cut *channels.CutError
		if errors.As(err, &cut) && last != nil {
			last.noteCut(cut.Bytes)
		}
		if err != nil {
			return err
		}
	}
}

// distribute hands runs of messages of one flow to it, so that a flow is
// looked at and locked once per run.
func (h *Handler) distribute(b *channels.ReceiveBatch) error {
	for from := 0; from < len(b.Msgs); {
		m := &b.Msgs[from]
		receiver := h.FlowOf(b, m)
		if receiver == nil || !isData(b, m) {
			if err := h.Other(b, m); err != nil {
				return err
			}
			from++
			continue
		}
		to := from + 1
		for to < len(b.Msgs) && sameOrigin(m, &b.Msgs[to]) && isData(b, &b.Msgs[to]) {
			to++
		}
		next, err := receiver.Accept(b, from, to)
		if err != nil {
			if err := h.Bad(b, &b.Msgs[next], err); err != nil {
				return err
			}
			next++
		}
		from = next
	}
	return nil
}

func isData(b *channels.ReceiveBatch, m *channels.Message) bool {
	return m.End > m.Start && wire.Type(b.Buf[m.Start]) == wire.TypeData
}

// sameOrigin compares the indices of the peers: the same peer may be there
// under another index, which costs no more than a look-up.
func sameOrigin(a, b *channels.Message) bool {
	return a.Peer == b.Peer && a.Stream == b.Stream
}
