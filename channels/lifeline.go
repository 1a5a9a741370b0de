package channels

import (
	"cmp"
	"net"
	"syscall"
	"time"
)

// DefaultPeerTimeout is how long a peer that gives no sign of life is waited
// for: paths between sites are down for a minute now and then.
const DefaultPeerTimeout = 3 * time.Minute

// keepAliveCount probes have to fail. They and the silence before the first one
// take a part of the time each, whole seconds: Linux takes up to 32767 of them.
const keepAliveCount = 3

// lifeline makes a control channel break when the peer's host has gone, after
// that limit: one that says nothing would be there for ever otherwise. What the
// system refuses of it is left.
func lifeline(c net.Conn, limit time.Duration) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c // SCTP: see setSCTPLifeline
	}
	part := (limit / (keepAliveCount + 1)).Round(time.Second)
	_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: true, Idle: max(part, time.Second), Interval: max(part, time.Second), Count: keepAliveCount,
	})
	if raw, err := tcp.SyscallConn(); err == nil {
		setLifeline(raw, limit)
	}
	return c
}

func (o *Options) peerTimeout() time.Duration { return cmp.Or(o.PeerTimeout, DefaultPeerTimeout) }

// lifelineListener gives each channel that it accepts a lifeline.
type lifelineListener struct {
	net.Listener
	limit time.Duration
}

func (l lifelineListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return lifeline(c, l.limit), nil
}

// setLifeline bounds how long what was sent may wait for the peer's answer.
func setLifeline(raw syscall.RawConn, limit time.Duration) {
	_ = control(raw, func(fd int) error { return setUserTimeout(fd, limit) })
}
