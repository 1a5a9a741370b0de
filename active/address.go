package active

import (
	"context"
	"errors"
	"io"
	"net/netip"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// proveAddress shows a passive side of ours that somebody is at the address
// that a UDP flow is sent from, where that is not the control channel's: else
// it drops the flow's IDENTIFY_FLOW, as anyone can write a source address into
// a datagram. A TCP connection from there is the proof (wire/PROTOCOL.md). It
// may be needless, so that a failure is logged only.
func (r *run) proveAddress(ctx context.Context, f *dataFlow) {
	address := f.conn.LocalAddr().Addr().Unmap()
	if !r.client.Ours() || address == r.conn.LocalAddr().Unmap() || r.proven[address] {
		return
	}
	err := r.connectFrom(ctx, address, r.out.identify(f.key).Append(nil))
	if err != nil {
		r.Log.Warn("cannot show the passive side that data come from another address than control", "address", address, "reason", err)
		return
	}
	if r.proven == nil {
		r.proven = make(map[netip.Addr]bool)
	}
	r.proven[address] = true
}

// connectFrom sends a message to the passive side's TCP port and returns when
// that has closed the connection. The time limit of a stream's identification
// ends the wait at the latest.
func (r *run) connectFrom(ctx context.Context, address netip.Addr, message []byte) error {
	ctx, cancel := context.WithTimeout(ctx, streamTimeout)
	defer cancel()
	conn, err := channels.Dial(ctx, wire.TCP, netip.AddrPortFrom(r.Remote, r.Ports.TCP), channels.Options{Local: []netip.Addr{address}})
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() }) // ends a blocked call
	defer stop()
	if err := conn.Send(&channels.SendBatch{Buf: message, Ends: []int{len(message)}}, true); err != nil {
		return err
	}
	var answer channels.ReceiveBatch
	err = conn.Receive(&answer)
	answer.Release()
	if err == nil {
		return errors.New("an answer where none was expected")
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
