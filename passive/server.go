// Package passive is the side that waits: it takes control channels, adds the
// flows that are asked for, sends and receives on them while their measurement
// runs, and ships its results back.
//
// Goroutines: one for each listener, each control channel, each data
// connection, and one for the UDP socket of all UDP flows; what arrives on that
// socket, and on the connections of many flows, is read by those of a
// flow.Together. A running measurement has those of package flow. Serve returns when all of them have
// ended. A measurement belongs to the control channel that made it, and all of
// it is freed when that channel ends, however it ends.
package passive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/sys"
	"netperfmeter/wire"
)

// Listen is one address to wait at.
type Listen struct {
	Protocol wire.Protocol
	Addr     netip.AddrPort // port 0: the system chooses
	More     []netip.Addr   // further addresses, with the same port (SCTP)
}

// Config describes a passive instance. The listeners are independent of each
// other; control.BasePorts has the ports that peers expect.
type Config struct {
	Control []Listen
	Data    []Listen
	V6Only  bool
	// PlainMPTCP takes MPTCP's flows over TCP, where this host has no MPTCP:
	// the active side falls back, and is told why.
	PlainMPTCP bool
	// SndBuf and RcvBuf are the listening sockets' buffer sizes in bytes,
	// 0: the system's. A flow's own sizes come with its ADD_FLOW.
	SndBuf, RcvBuf int
	Offloads       channels.Offloads
	TempDir        string // for results until they are fetched; "": the system's
	Version        string // of the program, for peers that ask
	Seed           uint64 // of random values, where the active side has none to give
	// AllowThirdParty lets UDP flows come from, and be sent to, another
	// address than that of their control channel.
	AllowThirdParty bool
	// PeerTimeout is how long an active side that gives no sign of life is waited
	// for, 0: channels.DefaultPeerTimeout.
	PeerTimeout time.Duration
	// Limits bound what clients may have; zero values are the defaults.
	Limits Limits
	// Allow, if not empty, lists the only networks that clients may be in, and
	// Deny those they may not be in. Deny has the last word.
	Allow, Deny []netip.Prefix
	// Key, if not nil, is what clients have to prove to know before they can
	// add a flow.
	Key   control.Key
	Timer flow.Timer
	Log   *slog.Logger
	// Progress, if not nil, is told what a measurement has reached, once per
	// interval, and from several goroutines at once with several measurements.
	Progress func(flow.Progress)
}

// Server is a passive instance.
type Server struct {
	cfg      Config
	log      *slog.Logger
	controls []net.Listener
	data     []dataListener
	sockets  []*channels.UDPSocket
	together flow.Together // reads the UDP socket, and many data connections
	flows    registry
	counters *counters
	host     hostInfo
	// wallClock is what clock exchanges are answered with, nanoseconds since
	// the epoch; tests give it another one.
	wallClock func() int64

	limits                       Limits // without zeroes
	ledger                       *ledger
	controlsWaiting, dataWaiting *waiting
	refusals, floods             floodGate

	mu       sync.Mutex // guards open and closing
	open     map[interface{ Close() error }]struct{}
	closing  bool
	sessions sync.WaitGroup
}

type dataListener struct {
	protocol wire.Protocol
	channels.Listener
}

// New binds all listeners. The error names the one that failed, and then none
// is left open.
func New(ctx context.Context, cfg Config) (*Server, error) {
	cfg.PeerTimeout = cmp.Or(cfg.PeerTimeout, channels.DefaultPeerTimeout)
	s := &Server{
		cfg: cfg, log: cfg.Log,
		flows:     newRegistry(),
		counters:  newCounters(),
		together:  flow.Together{Log: cfg.Log},
		wallClock: sys.Realtime,
		open:      make(map[interface{ Close() error }]struct{}),
		limits:    cfg.Limits.withDefaults(cfg.TempDir),
	}
	s.ledger = newLedger(&s.limits)
	s.refusals.burst, s.refusals.rate = refusalBurst, refusalRate
	s.floods.burst, s.floods.rate = floodBurst, floodRate
	s.controlsWaiting, s.dataWaiting = newWaiting(&s.limits, nil), newWaiting(&s.limits, s.ledger.measures)
	if err := s.listen(ctx); err != nil {
		s.closeAll()
		return nil, err
	}
	return s, nil
}

func (s *Server) listen(ctx context.Context) error {
	options := channels.Options{V6Only: s.cfg.V6Only, SndBuf: s.cfg.SndBuf, RcvBuf: s.cfg.RcvBuf, Offloads: s.cfg.Offloads, PeerTimeout: s.cfg.PeerTimeout}
	for _, at := range s.cfg.Control {
		l, err := channels.ListenControl(ctx, at.Protocol, at.Addr, channels.Options{Local: at.More, V6Only: s.cfg.V6Only, PeerTimeout: s.cfg.PeerTimeout})
		if err != nil {
			return err
		}
		s.controls = append(s.controls, l)
		s.track(l)
	}
	for _, at := range s.cfg.Data {
		if at.Protocol == wire.UDP {
			socket, err := channels.ListenUDP(ctx, at.Addr, options)
			if err != nil {
				return err
			}
			s.sockets = append(s.sockets, socket)
			s.track(socket)
			continue
		}
		over := at.Protocol
		if at.Protocol == wire.MPTCP && s.cfg.PlainMPTCP {
			over = wire.TCP
		}
		options.Local = at.More
		l, err := channels.Listen(ctx, over, at.Addr, options)
		if err != nil {
			return err
		}
		s.data = append(s.data, dataListener{at.Protocol, l})
		s.track(l)
	}
	return nil
}

// Ports returns where the listeners are; 0 where there is none.
func (s *Server) Ports() control.Ports {
	var p control.Ports
	for _, l := range s.controls {
		if addr, err := netip.ParseAddrPort(l.Addr().String()); err == nil {
			p.Control = addr.Port()
		}
	}
	for _, l := range s.data {
		p.Set(l.protocol, l.Addr().Port())
	}
	for _, socket := range s.sockets {
		p.Set(wire.UDP, socket.Addr().Port())
	}
	return p
}

// Serve serves measurements until the context ends: then it closes all
// listeners and channels, and returns when everything has ended. The error is
// that of a listener that failed for good.
func (s *Server) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, socket := range s.sockets {
		s.together.AdoptSocket(socket)
	}
	stop := context.AfterFunc(ctx, s.closeAll)
	defer stop()
	for _, l := range s.controls {
		s.sessions.Go(func() { s.accept(ctx, cancel, l.Addr(), func() error { return s.acceptControl(ctx, l) }) })
	}
	for _, l := range s.data {
		s.sessions.Go(func() { s.accept(ctx, cancel, l.Addr(), func() error { return s.acceptData(ctx, l) }) })
	}
	for _, socket := range s.sockets {
		s.sessions.Go(func() {
			if err := s.receiveDatagrams(socket); ctx.Err() == nil {
				cancel(fmt.Errorf("UDP socket %v: %w", socket.Addr(), err))
			}
		})
	}
	<-ctx.Done()
	s.closeAll()
	s.sessions.Wait()
	s.together.Close()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// acceptPause is the wait after an accept that failed for want of descriptors
// or memory: others have to end first.
const acceptPause = 100 * time.Millisecond

// accept calls one until the context ends or the listener fails for good.
func (s *Server) accept(ctx context.Context, cancel context.CancelCauseFunc, at any, one func() error) {
	for {
		err := one()
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return
		case channels.IsTemporary(err):
			s.log.Warn("cannot accept for now", "at", fmt.Sprint(at), "reason", err)
			select {
			case <-time.After(acceptPause):
			case <-ctx.Done():
				return
			}
		default:
			cancel(fmt.Errorf("accepting at %v: %w", at, err))
			return
		}
	}
}

// track remembers what has to be closed at the end; false when that has begun,
// and then it is closed.
func (s *Server) track(c interface{ Close() error }) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		c.Close()
		return false
	}
	s.open[c] = struct{}{}
	return true
}

func (s *Server) untrack(c interface{ Close() error }) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	c.Close()
}

func (s *Server) closeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	for c := range s.open {
		c.Close()
	}
	clear(s.open)
}
