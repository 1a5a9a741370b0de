// Package relay stands between an active and a passive side on addresses of
// the loopback network, passes the control channel on, and harms the datagrams
// in a way that it writes down: what it did is the truth that the program's
// counting is held against. It reads the messages' fields itself, without the
// project's packages.
//
// Goroutines: one for each direction of each flow and of each control channel,
// one for each listener. All end with Close.
package relay

import (
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Fault is what happens to a DATA datagram.
type Fault int

// The faults.
const (
	Pass      Fault = iota
	Drop            // it is never delivered
	Duplicate       // it is delivered twice
	Hold            // it is delivered after three more of its direction
)

// Config describes a relay.
type Config struct {
	Base    netip.AddrPort // address and base port of the relay; it connects from the same address
	Passive netip.AddrPort // address and base port of the passive side
	// In opens sockets in the network namespace that the relay belongs to; nil:
	// that of the process.
	In func(open func() error) error
	// Harm decides about the nth DATA datagram of a direction, counted from 0;
	// nil: nothing is harmed. It is called from several goroutines.
	Harm func(outgoing bool, n int) Fault
	// Delay holds every datagram for that long.
	Delay time.Duration
	// Silent tells whether a message of the passive side's on a control channel,
	// and all after it, are swallowed, while the channel stays open; nil: none is.
	// It is given the message's beginning.
	Silent func(begin []byte) bool
	// Pause holds the nth DATA datagram of a direction, and with it all behind
	// it, for so much longer; nil: none.
	Pause func(outgoing bool, n int) time.Duration
	// ControlDelay is how long the control channel holds what goes that way.
	ControlDelay struct{ Out, In time.Duration }
	// Ahead makes the passive side's clock look ahead by so much at an instant:
	// in its answers to clock exchanges, and in the delays of DATA; nil: not.
	Ahead func(at time.Time) time.Duration
}

// Relay is a running relay.
type Relay struct {
	cfg     Config
	control net.Listener
	data    *net.UDPConn
	running sync.WaitGroup

	mu      sync.Mutex // guards all below
	closed  bool
	open    []io.Closer
	flows   map[netip.AddrPort]*pipe // by the active side's address
	records []*Direction
}

// Start opens a relay.
func Start(cfg Config) (*Relay, error) {
	r := &Relay{cfg: cfg, flows: make(map[netip.AddrPort]*pipe)}
	if r.cfg.In == nil {
		r.cfg.In = func(open func() error) error { return open() }
	}
	if err := r.cfg.In(r.listen); err != nil {
		r.Close()
		return nil, err
	}
	r.running.Go(r.acceptControl)
	r.running.Go(r.receiveFromActive)
	return r, nil
}

func (r *Relay) listen() (err error) {
	base := r.cfg.Base
	if r.data, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(base)); err != nil {
		return err
	}
	r.open = append(r.open, r.data)
	r.data.SetReadBuffer(bufferSize)
	r.control, err = net.Listen("tcp", netip.AddrPortFrom(base.Addr(), base.Port()+1).String())
	if err == nil {
		r.open = append(r.open, r.control)
	}
	return err
}

// bufferSize keeps the kernel from dropping what the relay does not.
const bufferSize = 4 << 20

// Close ends the relay and everything that it passes on.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	for _, c := range r.open {
		c.Close()
	}
	r.mu.Unlock()
	r.running.Wait()
}

// Directions returns what was done to each direction of each flow: outgoing
// is from the active to the passive side.
func (r *Relay) Directions() []Direction {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Direction
	for _, d := range r.records {
		all = append(all, d.copy())
	}
	return all
}

// keep remembers something to close; false if the relay is closed already.
func (r *Relay) keep(c io.Closer) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		c.Close()
		return false
	}
	r.open = append(r.open, c)
	return true
}

func (r *Relay) acceptControl() {
	for {
		active, err := r.control.Accept()
		if err != nil {
			return
		}
		var passive net.Conn
		err = r.cfg.In(func() (err error) {
			d := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.AddrPortFrom(r.cfg.Base.Addr(), 0))}
			passive, err = d.Dial("tcp", netip.AddrPortFrom(r.cfg.Passive.Addr(), r.cfg.Passive.Port()+1).String())
			return err
		})
		if err != nil {
			active.Close()
			continue
		}
		if !r.keep(active) || !r.keep(passive) {
			return
		}
		r.running.Go(func() { r.copyControl(passive, active, true) })
		r.running.Go(func() { r.copyControl(active, passive, false) })
	}
}
