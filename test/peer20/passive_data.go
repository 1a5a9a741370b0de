package peer20

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// accept takes data connections until the deadline that end sets.
func (r *passiveRun) accept(l *net.TCPListener, protocol uint16) {
	for {
		conn, err := l.AcceptTCP()
		if err != nil {
			return
		}
		r.lock.Lock()
		r.conns = append(r.conns, conn)
		r.lock.Unlock()
		r.work.Go(func() { r.connection(conn, protocol) })
	}
}

// connection expects IDENTIFY_FLOW of a flow that was added, then DATA; everything else ends the connection.
func (r *passiveRun) connection(conn *net.TCPConn, protocol uint16) {
	in := bufio.NewReaderSize(conn, 1<<16)
	b, err := readMessage(in)
	if err != nil {
		if !isTimeout(err) && !isEnd(err) && !errors.Is(err, net.ErrClosed) {
			r.violation("data connection ended before IDENTIFY_FLOW: %v", err)
		}
		conn.Close()
		return
	}
	f, err := r.identify(b, protocol, conn, netip.AddrPort{})
	if err != nil {
		r.violation("data connection of %v: %v", conn.RemoteAddr(), err)
	}
	if err != nil || f == nil {
		conn.Close()
		return
	}
	defer close(f.done)
	f.checker.stream(in)
	r.lock.Lock()
	defer r.lock.Unlock()
	if f.record.EndSeen && !r.started {
		r.violation("flow %d: data connection ended before START", f.key.Flow)
	}
}

// identify answers the first IDENTIFY of a flow and ignores further ones (nil, nil).
func (r *passiveRun) identify(b []byte, protocol uint16, conn *net.TCPConn, addr netip.AddrPort) (*passiveFlow, error) {
	if b[0] != typeIdentify {
		return nil, fmt.Errorf("message of type %d before IDENTIFY_FLOW", b[0])
	}
	k, flags, err := decodeIdentify(b)
	if err != nil {
		return nil, err
	}
	r.lock.Lock()
	f := r.find(k)
	if f == nil || f.record.Add.Protocol != protocol {
		r.lock.Unlock()
		return nil, fmt.Errorf("IDENTIFY_FLOW of %+v: no such flow of protocol %d", k, protocol)
	}
	if f.identified {
		r.lock.Unlock()
		return nil, nil
	}
	f.identified, f.flags, f.conn, f.addr = true, flags, conn, addr
	if conn != nil {
		f.sender.write = conn.Write
	} else {
		f.sender.write = func(b []byte) (int, error) { return r.udp.WriteToUDPAddrPort(b, addr) }
	}
	r.lock.Unlock()
	if conn != nil {
		pause(r.stop, r.IdentifyDelay)
	}
	var status uint32
	if r.RefuseIdentify {
		status = 1
	}
	return f, r.channel.send(encodeAck(k, status))
}

// datagrams reads the UDP socket until the deadline that end sets. What does not belong to a flow is dropped.
func (r *passiveRun) datagrams() {
	b := make([]byte, 1<<16)
	for {
		n, from, err := r.udp.ReadFromUDPAddrPort(b)
		if isTimeout(err) || errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || n < 4 {
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if b[0] == typeIdentify {
			if _, err := r.identify(b[:n], UDP, nil, from); err != nil {
				r.violation("datagram of %v: %v", from, err)
			}
			continue
		}
		r.lock.Lock()
		var flow *passiveFlow
		for _, f := range r.flows {
			if f.addr == from {
				flow = f
			}
		}
		if flow != nil && !r.stopped {
			flow.checker.message(b[:n])
		}
		r.lock.Unlock()
	}
}
