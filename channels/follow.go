package channels

import (
	"slices"
	"sync"
	"time"

	"netperfmeter/sys"
	"netperfmeter/wire"
)

// MaxPaths is how many paths a State has at most. Beyond that those that have
// ended first are forgotten.
const MaxPaths = 64

// A Follower keeps what the kernel says of a Conn, look by look: since when
// MPTCP has fallen back, which paths have come and gone, and the last figures
// of those that are gone. Its methods are allowed from any goroutine.
type Follower struct {
	conn Conn

	mu    sync.Mutex // guards all below
	state State
	x     examination // reused
	ever  bool        // MPTCP was in use at some look
	alone int64       // since when there has been no path at all; 0: there is one
}

// Follow begins to follow c, which was to be of transport p; it does not look
// yet. sndBuf and rcvBuf are the buffers that were asked for.
func Follow(c Conn, p wire.Protocol, sndBuf, rcvBuf int) *Follower {
	f := &Follower{conn: c}
	f.state = State{Protocol: p.String(), Buffers: Buffers{SendAsked: sndBuf, ReceiveAsked: rcvBuf}}
	if p == wire.MPTCP {
		f.state.MPTCP = &MPTCPState{InUse: true}
		if s, ok := c.(*stream); ok {
			f.state.MPTCP.ConnectTime, f.state.MPTCP.Asked = s.connectTime.Microseconds(), s.asked
		}
	}
	return f
}

// Look asks the kernel how the connection is now. An error says that it had
// nothing to say; what was known stays.
func (f *Follower) Look() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	first := f.state.Time == 0
	if err := f.look(false); err != nil {
		return err
	}
	if first {
		f.settings()
	}
	return nil
}

// LookLast looks at a connection that is being closed: a path that is not
// there any more keeps its figures and does not count as ended.
func (f *Follower) LookLast() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.settings()
	return f.look(true)
}

// State returns a copy of what is known; the follower changes nothing in it.
func (f *Follower) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.state
	s.Paths = slices.Clone(s.Paths)
	if s.MPTCP != nil {
		m := *s.MPTCP
		s.MPTCP = &m
	}
	return s
}

// settings asks for what changes seldom: buffers and congestion control.
func (f *Follower) settings() {
	snd, rcv, cc := Granted(f.conn)
	if snd == 0 {
		return // closed
	}
	f.state.Buffers.SendGranted, f.state.Buffers.ReceiveGranted = snd, rcv
	for i := range f.state.Paths {
		if info := f.state.Paths[i].TCP; info != nil && info.CongestionControl != cc {
			changed := *info // copies of the state share it
			changed.CongestionControl = cc
			f.state.Paths[i].TCP = &changed
		}
	}
}

func (f *Follower) look(last bool) error {
	now := sys.Realtime() / int64(time.Microsecond)
	f.x = examination{paths: f.x.paths[:0], protocol: f.state.Protocol}
	if e, ok := f.conn.(examined); ok {
		if err := e.examine(&f.x); err != nil {
			return err
		}
	} else {
		f.x.paths = append(f.x.paths, wholePath(f.conn))
	}
	f.state.Time, f.state.Protocol, f.state.SCTP = now, f.x.protocol, f.x.sctp
	f.note(now)
	f.merge(now, last)
	f.shares()
	return nil
}

// note takes what is said of MPTCP.
func (f *Follower) note(now int64) {
	was := f.state.MPTCP
	if was == nil {
		return
	}
	is := f.x.mptcp
	if is == nil { // the socket was made as a TCP one
		is = &MPTCPState{Plain: true, TCPSocket: true}
	}
	if !is.InUse { // the kernel has forgotten what it knew
		plain, made := is.Plain, is.TCPSocket
		*is = *was
		is.InUse, is.Plain, is.TCPSocket = false, plain, made
	}
	is.ConnectTime, is.Asked, is.FallbackAt, is.Setup = was.ConnectTime, was.Asked, was.FallbackAt, was.Setup
	f.ever = f.ever || is.InUse
	if !is.InUse && is.FallbackAt == 0 {
		is.FallbackAt, is.Setup = now, !f.ever
	}
	f.state.MPTCP = is
}

// merge brings the list of paths up to date. A path is known by its
// addresses: a subflow that is made anew has another port.
//
// When all are gone the connection may just have been closed, before whoever
// looks was told. That they have ended is believed at the next look.
func (f *Follower) merge(now int64, last bool) {
	ended := now
	switch {
	case len(f.x.paths) > 0:
		f.alone = 0
	case last:
		return
	case f.alone == 0:
		f.alone = now
		return
	default:
		ended = f.alone
	}
	for i := range f.state.Paths {
		known := &f.state.Paths[i]
		if known.Ended() {
			continue
		}
		at := slices.IndexFunc(f.x.paths, func(p Path) bool { return p.Local == known.Local && p.Remote == known.Remote })
		if at < 0 {
			if !last {
				known.Until = ended
			}
			continue
		}
		is := f.x.paths[at]
		if is.TCP != nil && known.TCP != nil {
			is.TCP.CongestionControl = known.TCP.CongestionControl
		}
		known.TCP, known.SCTP = is.TCP, is.SCTP
		f.x.paths = slices.Delete(f.x.paths, at, at+1)
	}
	for _, p := range f.x.paths {
		p.Since = now
		if p.TCP != nil && len(f.state.Paths) > 0 && f.state.Paths[0].TCP != nil {
			p.TCP.CongestionControl = f.state.Paths[0].TCP.CongestionControl // the socket's, so all subflows'
		}
		if len(f.state.Paths) >= MaxPaths {
			oldest := max(slices.IndexFunc(f.state.Paths, func(p Path) bool { return p.Ended() }), 0)
			f.state.Paths = slices.Delete(f.state.Paths, oldest, oldest+1)
		}
		f.state.Paths = append(f.state.Paths, p)
	}
}

// shares computes each path's part of the payload that arrived, both ways.
func (f *Follower) shares() {
	carried := func(p *Path) float64 {
		if p.TCP == nil {
			return 0
		}
		return float64(p.TCP.Acked + p.TCP.Received)
	}
	var all float64
	for i := range f.state.Paths {
		all += carried(&f.state.Paths[i])
	}
	for i := range f.state.Paths {
		f.state.Paths[i].Share = 0
		if all > 0 {
			f.state.Paths[i].Share = carried(&f.state.Paths[i]) / all
		}
	}
}
