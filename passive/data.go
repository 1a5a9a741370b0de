package passive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/wire"
)

var (
	errUnknownFlow = because(UnknownFlow, errors.New("IDENTIFY_FLOW of a flow that was not added, or not for this transport"))
	errThirdParty  = because(ThirdParty, errors.New("it comes neither from its control connection's peer nor from where that has shown to be"))
)

// acceptData takes one data connection and serves it in a goroutine, which
// ends with the connection: closed by its session, by the end of the server,
// or by the peer.
func (s *Server) acceptData(ctx context.Context, l dataListener) error {
	conn, err := l.Accept()
	if err != nil {
		return err
	}
	peer := conn.RemoteAddr().Addr()
	if !s.letIn(conn, peer, "data") {
		return nil
	}
	newcomer := s.arrive(s.dataWaiting, conn, peer, "data")
	s.sessions.Go(func() {
		defer s.untrack(conn)
		defer s.counters.opened(&s.counters.data)()
		defer s.dataWaiting.leave(newcomer)
		log, err := s.serveData(conn, l.protocol, newcomer)
		if err != nil && ctx.Err() == nil && !harmless(err) {
			s.noteEnd(log, "data connection closed", err, "transport", l.protocol)
		}
	})
	return nil
}

// harmless ends of a data connection: the peer has finished, the session has
// closed it, or a reference peer has closed it without reading what was in
// flight, or inside a message.
func harmless(err error) bool {
	return errors.Is(err, errAddressProven) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, io.ErrUnexpectedEOF) || flow.Reset(err)
}

// serveData receives on one connection. The flows on it are known by stream.
// It returns why the connection ended, and the log that this belongs into.
func (s *Server) serveData(conn channels.Conn, protocol wire.Protocol, newcomer *newcomer) (*slog.Logger, error) {
	log := s.log.With("peer", conn.RemoteAddr())
	drained := make(chan struct{})
	defer close(drained)
	readable := drained
	if protocol == wire.DCCP {
		// Its end is that of Close, which drops what is in flight: what is to
		// come is waited for as over UDP.
		readable = nil
	}
	conn.SetReadDeadline(time.Now().Add(s.limits.duration(MaxUnidentifiedTime)))
	receivers := make(map[wire.StreamID]*flow.Receiver)
	var first *flow.Receiver // of stream 0, which is most often the only one
	var flows []*dataFlow
	err := flow.Receive(conn, flow.Handler{
		FlowOf: func(_ *channels.ReceiveBatch, m *channels.Message) *flow.Receiver {
			if m.Stream == 0 {
				return first
			}
			return receivers[m.Stream]
		},
		Other: func(b *channels.ReceiveBatch, m *channels.Message) error {
			if receiver := receivers[m.Stream]; receiver != nil {
				return identifiedAgain(b.Buf[m.Start:m.End], receiver.Key())
			}
			f, err := s.identify(b.Buf[m.Start:m.End], m.Stream, protocol, conn, readable)
			if f != nil {
				log = f.log.With("connection", conn.RemoteAddr())
			}
			if err != nil {
				return err
			}
			if f != nil {
				receivers[m.Stream] = f.flow.Receiver
				first = receivers[0]
				flows = append(flows, f)
				conn.SetReadDeadline(time.Time{})
				s.dataWaiting.leave(newcomer)
			}
			return nil
		},
		Bad: func(_ *channels.ReceiveBatch, _ *channels.Message, err error) error { return err },
		// The answer to IDENTIFY_FLOW may take long.
		Shared: func() bool { return len(flows) > 0 },
	})
	if errors.Is(err, os.ErrDeadlineExceeded) && len(flows) == 0 {
		return log, s.limits.exceeded(MaxUnidentifiedTime, "no IDENTIFY_FLOW")
	}
	for _, f := range flows {
		f.session.dataEnded(f, err)
	}
	return log, err
}

// identifiedAgain handles what is not DATA on a connection, or a stream of one,
// that is a flow's: its own IDENTIFY_FLOW is ignored. A second flow would send
// on the same connection.
func identifiedAgain(message []byte, key wire.Key) error {
	if control.DataAnswerTo(control.Identified, wire.Type(message[0])) == control.Close {
		return because(OutOfOrder, fmt.Errorf("%v on a flow's connection", wire.Type(message[0])))
	}
	m, err := wire.ParseIdentify(message)
	if err == nil && m.Key != key {
		err = because(OutOfOrder, fmt.Errorf("IDENTIFY_FLOW of %v on the connection of %v", m.Key, key))
	}
	return err
}

// identify handles what is not DATA of an identified flow on a connection. It
// returns the flow if this has identified one, or has failed to.
func (s *Server) identify(message []byte, stream wire.StreamID, protocol wire.Protocol, conn channels.Conn, drained <-chan struct{}) (*dataFlow, error) {
	if kind := wire.Type(message[0]); control.DataAnswerTo(control.Unidentified, kind) == control.Close {
		return nil, because(OutOfOrder, fmt.Errorf("%v before IDENTIFY_FLOW", kind))
	}
	m, err := wire.ParseIdentify(message)
	if err != nil {
		return nil, err
	}
	if m.Key.Stream != stream {
		return nil, because(OutOfOrder, fmt.Errorf("IDENTIFY_FLOW of %v on stream %d", m.Key, stream))
	}
	f := s.flows.find(m.Key)
	if f != nil && f.protocol == wire.UDP && protocol == wire.TCP {
		return f, f.session.proveAddress(f, conn.RemoteAddr().Addr())
	}
	if f == nil || f.protocol != protocol {
		return nil, fmt.Errorf("%w: %v", errUnknownFlow, m.Key)
	}
	if s.cfg.Key != nil && !s.cfg.AllowThirdParty && !f.session.connectedFrom(conn.RemoteAddr().Addr()) {
		// Who has seen the measurement's ID on the wire has not proven anything.
		return f, errThirdParty
	}
	if s.counters.data.open.Load() >= flow.Many {
		s.together.Adopt(conn, f.session.specOf(f))
	}
	first, err := f.session.identify(f, m, conn, drained)
	if err == nil && !first {
		return nil, nil
	}
	return f, err
}

// receiveDatagrams serves the one socket of all UDP flows. What cannot be
// attributed is dropped: anyone can send to this socket.
func (s *Server) receiveDatagrams(socket *channels.UDPSocket) error {
	return flow.Receive(socket, flow.Handler{
		FlowOf: func(b *channels.ReceiveBatch, m *channels.Message) *flow.Receiver {
			if f := s.flows.byPeer(b.Peers[m.Peer]); f != nil {
				return f.flow.Receiver
			}
			return nil
		},
		Other: func(b *channels.ReceiveBatch, m *channels.Message) error {
			s.identifyDatagram(socket, b, m)
			return nil
		},
		Bad: func(b *channels.ReceiveBatch, m *channels.Message, err error) error {
			s.counters.refused(Malformed)
			s.log.Debug("datagram dropped", "peer", b.Peers[m.Peer], "reason", err)
			return nil
		},
	})
}

// identifyDatagram handles a datagram that is not DATA of a known flow.
func (s *Server) identifyDatagram(socket *channels.UDPSocket, b *channels.ReceiveBatch, m *channels.Message) {
	peer := b.Peers[m.Peer]
	identify, err := wire.ParseIdentify(b.Buf[m.Start:m.End])
	if err != nil {
		s.counters.refused(Malformed)
		s.log.Debug("datagram dropped", "peer", peer, "reason", err)
		return
	}
	if !s.cfg.admits(peer.Addr()) {
		s.noteFlood(s.log, "IDENTIFY_FLOW dropped", errAddress, "peer", peer)
		return
	}
	f := s.flows.find(identify.Key)
	if f == nil || f.protocol != wire.UDP {
		s.noteFlood(s.log, "IDENTIFY_FLOW of an unknown UDP flow dropped", errUnknownFlow, "peer", peer, "flow", identify.Key)
		return
	}
	if !s.cfg.AllowThirdParty && !f.session.reaches(peer.Addr()) {
		// Anyone can write a source address into a datagram, and would make
		// this side send to it. The control connection's peer has shown by
		// its handshake that it is there, and by another where else it is.
		s.noteFlood(f.log, "IDENTIFY_FLOW dropped", errThirdParty, "source", peer, "flow", identify.Key)
		return
	}
	var local netip.Addr
	if int(m.Peer) < len(b.Locals) {
		local = b.Locals[m.Peer]
	}
	conn, err := socket.Peer(peer, local)
	if err != nil {
		s.noteFlood(f.log, "UDP flow not identified", err, "source", peer, "flow", identify.Key)
		return
	}
	if f.identifying.Swap(true) {
		return
	}
	// The answer goes out over the control channel: a client that does not
	// read that must not hold up this goroutine, which has everybody's flows.
	s.sessions.Go(func() {
		defer f.identifying.Store(false)
		if _, err := f.session.identify(f, identify, conn, nil); err != nil {
			s.noteFlood(f.log, "UDP flow not identified", err, "source", peer, "flow", identify.Key)
		}
	})
}

// sameHost compares addresses; the zone is the receiver's own name for a link.
func sameHost(a, b netip.Addr) bool {
	return a.Unmap().WithZone("") == b.Unmap().WithZone("")
}
