//go:build linux

package endurance

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// end is what happens at the point where a proxy stops passing on.
type end int

const (
	reset  end = iota // the connections are reset, as by the death of the passive side
	cutOff            // a message is cut in its middle, and the connections are reset
	silent            // nothing is said any more
)

func (e end) String() string { return [...]string{"reset", "reset inside a message", "silent"}[e] }

// proxy stands between one active side and a passive side, over TCP: base port 9100 for 9000. It passes on so many
// messages of the control channel from the passive side, and then ends as it is told.
type proxy struct {
	n      *lab.Namespace
	after  int // messages of the protocol, not of the extension; negative: all
	end    end
	passed atomic.Int64

	mu   sync.Mutex // guards the rest
	open []net.Conn
	over bool
}

func startProxy(t *testing.T, n *lab.Namespace, after int, e end) *proxy {
	t.Helper()
	p := &proxy{n: n, after: after, end: e}
	var running sync.WaitGroup
	t.Cleanup(running.Wait)
	t.Cleanup(p.reset)
	for from, to := range map[string]string{"127.0.0.1:9100": "127.0.0.1:9000", "127.0.0.1:9101": "127.0.0.1:9001"} {
		listener := listen(t, n, from)
		t.Cleanup(func() { listener.Close() })
		running.Go(func() {
			for {
				active, err := listener.Accept()
				if err != nil {
					return
				}
				passive, err := n.Dial("tcp", to)
				if err != nil {
					active.Close()
					return
				}
				p.keep(active, passive)
				running.Go(func() { pass(passive, active) })
				if to == "127.0.0.1:9001" {
					running.Go(func() { p.passMessages(active, passive) })
				} else {
					running.Go(func() { pass(active, passive) })
				}
			}
		})
	}
	return p
}

// listen waits for the address to be free: where another test forks at this moment, its child has the listener of the
// proxy before until it runs its program.
func listen(t *testing.T, n *lab.Namespace, address string) (listener net.Listener) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		err := n.Do(func() (err error) { listener, err = net.Listen("tcp4", address); return err })
		if err == nil {
			return listener
		}
		if !errors.Is(err, syscall.EADDRINUSE) || time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

func (p *proxy) keep(conns ...net.Conn) {
	p.mu.Lock()
	p.open = append(p.open, conns...)
	over := p.over
	p.mu.Unlock()
	if over {
		p.reset()
	}
}

// reset ends all connections.
func (p *proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.over = true
	for _, conn := range p.open {
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
}

// pass passes bytes on until one end is gone, and its end as well.
func pass(to, from net.Conn) {
	if _, err := io.Copy(to, from); err == nil {
		to.(*net.TCPConn).CloseWrite()
	}
}

// passMessages passes whole messages on, so many of them.
func (p *proxy) passMessages(to, from net.Conn) {
	for {
		header := make([]byte, 4)
		if _, err := io.ReadFull(from, header); err != nil {
			to.(*net.TCPConn).CloseWrite()
			return
		}
		message := make([]byte, binary.BigEndian.Uint16(header[2:]))
		copy(message, header)
		if _, err := io.ReadFull(from, message[4:]); err != nil {
			return
		}
		const extension = 0x10 // as many clock exchanges as there is time for: no step is told by their number
		if message[0] != extension && p.passed.Add(1) == int64(p.after)+1 {
			switch p.end {
			case cutOff:
				to.Write(message[:1+len(message)/2])
				p.reset()
			case reset:
				p.reset()
			}
			return
		}
		if _, err := to.Write(message); err != nil {
			return
		}
	}
}
