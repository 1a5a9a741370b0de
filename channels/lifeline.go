package channels

import (
	"net"
	"syscall"
	"time"
)

// A control channel says nothing for long times. Without probes a peer that
// was unplugged would be there for ever; with Go's own ones, of every 15 s and
// nine of them, for two and a half minutes.
const (
	keepAliveIdle     = 15 * time.Second
	keepAliveInterval = 5 * time.Second
	keepAliveCount    = 3
	// PeerGone is after how long a silent control channel whose peer's host
	// does not answer any more is broken; over MPTCP, whose sockets refuse the
	// option, only if nothing was under way.
	PeerGone = keepAliveIdle + keepAliveCount*keepAliveInterval
)

// lifeline makes a control channel break when the peer's host has gone. What
// the system refuses of it is left.
func lifeline(c net.Conn) net.Conn {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return c // SCTP: see setSCTPLifeline
	}
	_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{
		Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount,
	})
	if raw, err := tcp.SyscallConn(); err == nil {
		setLifeline(raw)
	}
	return c
}

// lifelineListener gives each channel that it accepts a lifeline.
type lifelineListener struct{ net.Listener }

func (l lifelineListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return lifeline(c), nil
}

// setLifeline bounds how long what was sent may wait for the peer's answer.
func setLifeline(raw syscall.RawConn) {
	_ = control(raw, func(fd int) error { return setUserTimeout(fd, PeerGone) })
}
