package relay

import (
	"net"
	"net/netip"
	"time"
)

// pipe is one flow's two directions.
type pipe struct {
	relay   *Relay
	active  netip.AddrPort
	passive *net.UDPConn // connected to the passive side
	out, in *way
}

// way is one direction of a flow. One goroutine delivers on it.
type way struct {
	relay  *Relay
	record *Direction
	queue  chan packet
	send   func(b []byte)
}

type packet struct {
	bytes []byte
	entry time.Time
}

// queueLength is how many datagrams may wait for their delay to pass.
const queueLength = 1 << 16

// receiveFromActive reads what active sides send and finds their flows.
func (r *Relay) receiveFromActive() {
	b := make([]byte, 65536)
	for {
		n, from, err := r.data.ReadFromUDPAddrPort(b)
		if err != nil {
			for _, p := range r.flows { // only this goroutine changes it
				close(p.out.queue)
			}
			return
		}
		p := r.flows[from]
		if p == nil {
			if p = r.newPipe(from); p == nil {
				continue
			}
			r.flows[from] = p
		}
		p.out.queue <- packet{append([]byte(nil), b[:n]...), time.Now()}
	}
}

func (r *Relay) newPipe(active netip.AddrPort) *pipe {
	local := net.UDPAddrFromAddrPort(netip.AddrPortFrom(r.cfg.Base.Addr(), 0))
	var passive *net.UDPConn
	err := r.cfg.In(func() (err error) {
		passive, err = net.DialUDP("udp", local, net.UDPAddrFromAddrPort(r.cfg.Passive))
		return err
	})
	if err != nil || !r.keep(passive) {
		return nil
	}
	passive.SetReadBuffer(bufferSize)
	p := &pipe{relay: r, active: active, passive: passive}
	p.out = r.newWay(true, func(b []byte) { passive.Write(b) })
	p.in = r.newWay(false, func(b []byte) { r.data.WriteToUDPAddrPort(b, active) })
	r.running.Go(p.receiveFromPassive)
	return p
}

func (p *pipe) receiveFromPassive() {
	defer close(p.in.queue)
	b := make([]byte, 65536)
	for {
		n, err := p.passive.Read(b)
		if err != nil {
			return
		}
		p.in.queue <- packet{append([]byte(nil), b[:n]...), time.Now()}
	}
}

func (r *Relay) newWay(outgoing bool, send func([]byte)) *way {
	w := &way{queue: make(chan packet, queueLength), send: send, record: newDirection(outgoing)}
	r.mu.Lock()
	r.records = append(r.records, w.record)
	r.mu.Unlock()
	w.relay = r
	r.running.Go(w.deliver)
	return w
}

// holdLimit: what is held is let go when nothing else comes for this long.
const holdLimit = 50 * time.Millisecond

// held is a datagram that waits until after more have passed.
type held struct {
	packet
	after int
}

// deliver passes datagrams on, harmed as the configuration says.
func (w *way) deliver() {
	cfg := &w.relay.cfg
	var waiting []held
	n := 0
	for {
		p, ok, quiet := w.next(len(waiting) > 0)
		if !ok || quiet {
			for _, h := range waiting {
				w.pass(h.packet)
			}
			waiting = nil
			if !ok {
				return
			}
			continue
		}
		fault := Pass
		if isData(p.bytes) {
			if cfg.Harm != nil {
				fault = cfg.Harm(w.record.Outgoing, n)
			}
			if cfg.Pause != nil {
				time.Sleep(cfg.Pause(w.record.Outgoing, n))
			}
			n++
		}
		time.Sleep(time.Until(p.entry.Add(cfg.Delay)))
		switch fault {
		case Drop:
			w.record.dropped(p.bytes)
		case Hold:
			waiting = append(waiting, held{p, 3})
			continue // it does not pass another one
		case Duplicate:
			w.pass(p)
			w.pass(p)
		default:
			w.pass(p)
		}
		waiting = w.letGo(waiting)
	}
}

// letGo counts a datagram that has passed those that wait.
func (w *way) letGo(waiting []held) []held {
	still := waiting[:0]
	for _, h := range waiting {
		if h.after--; h.after == 0 {
			w.pass(h.packet)
			continue
		}
		still = append(still, h)
	}
	return still
}

// next takes the next datagram; quiet if none came for a while.
func (w *way) next(limited bool) (p packet, ok, quiet bool) {
	if !limited {
		p, ok = <-w.queue
		return p, ok, false
	}
	select {
	case p, ok = <-w.queue:
		return p, ok, false
	case <-time.After(holdLimit):
		return packet{}, true, true
	}
}

func (w *way) pass(p packet) {
	var passage Passage
	if isData(p.bytes) {
		passage = Passage{Seq: seqOf(p.bytes), Stamp: time.UnixMicro(stampOf(p.bytes)), Entry: p.entry}
		// A copy: a duplicate must not be shifted twice.
		p.bytes = append([]byte(nil), p.bytes...)
		w.relay.shiftStamp(p.bytes, w.record.Outgoing)
	}
	passage.Before = time.Now()
	w.send(p.bytes)
	passage.After = time.Now()
	w.record.passed(p, passage)
}
