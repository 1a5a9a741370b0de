package flow

import (
	"errors"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// Handler says what becomes of received messages. An error that one of its
// functions returns ends the reading.
type Handler struct {
	// Flow is the one flow that there is. nil: FlowOf tells.
	Flow *Receiver
	// FlowOf finds the flow of a message, nil for none.
	FlowOf func(b *channels.ReceiveBatch, m *channels.Message) *Receiver
	// Other takes what is not DATA, or of no known flow.
	Other func(b *channels.ReceiveBatch, m *channels.Message) error
	// Bad takes DATA that cannot be read.
	Bad func(b *channels.ReceiveBatch, m *channels.Message, err error) error
	// Shared tells from when on a connection that a channels.Poller has adopted
	// may be read by the Poller's goroutine, which these functions must not hold
	// up then. nil: from the beginning.
	Shared func() bool
}

// Receive reads a socket to its end and hands each message to its flow. It
// returns the error that ended it: io.EOF at the end of a stream,
// io.ErrUnexpectedEOF if that was inside a message, net.ErrClosed when the
// socket was closed.
func Receive(source channels.Source, h Handler) error {
	r := reading{Handler: h}
	var b channels.ReceiveBatch
	defer b.Release()
	for {
		if h.Shared == nil || h.Shared() {
			if served, err := channels.Serve(source, &r); served {
				return err
			}
		}
		err := source.Receive(&b)
		if err := r.Take(&b, err); err != nil {
			return err
		}
	}
}

// reading is what one Receive needs.
type reading struct {
	Handler
	last *Receiver // of the latest message: a stream has one flow
}

// Take implements channels.Taker: it distributes the batch, with which err came. It
// returns err, or an error of the Handler's.
func (r *reading) Take(b *channels.ReceiveBatch, err error) error {
	if e := r.distribute(b); e != nil {
		return e
	}
	b.Release()
	var cut *channels.CutError
	if err != nil && errors.As(err, &cut) && r.last != nil {
		r.last.noteCut(cut.Bytes)
	}
	return err
}

// distribute hands runs of messages of one flow to it, so that a flow is
// looked at and locked once per run.
func (r *reading) distribute(b *channels.ReceiveBatch) error {
	for from := 0; from < len(b.Msgs); {
		m := &b.Msgs[from]
		receiver := r.Flow
		if receiver == nil {
			receiver = r.FlowOf(b, m)
		}
		r.last = receiver
		if receiver == nil || !isData(b, m) {
			if err := r.Other(b, m); err != nil {
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
			if err := r.Bad(b, &b.Msgs[next], err); err != nil {
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
