package passive

import (
	"sync"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/wire"
)

// hostFresh is how long what was found out about this host is told again:
// finding it out takes some milliseconds, and anyone may ask.
const hostFresh = time.Second

// hostInfo is what peers are told about this host.
type hostInfo struct {
	mu   sync.Mutex // guards the rest
	at   time.Time  // when it was found out
	host control.Host
}

// hostNow is what this instance can do now. What it does not listen for it does not do,
// whatever the host can.
func (s *Server) hostNow() control.Host {
	h := &s.host
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.at.IsZero() && time.Since(h.at) < hostFresh {
		return h.host
	}
	h.at = time.Now()
	h.host = control.Host{Program: control.Program, Version: s.cfg.Version, Capabilities: channels.ReadCapabilities()}
	for i := range h.host.Transports {
		t := &h.host.Transports[i]
		if t.Available && !s.servesNamed(t.Name) {
			t.Available, t.Reason = false, "this passive side does not serve it"
		}
	}
	return h.host
}

func (s *Server) servesNamed(transport string) bool {
	for _, p := range []wire.Protocol{wire.TCP, wire.UDP, wire.DCCP, wire.SCTP, wire.QUIC, wire.MPTCP} {
		if p.String() == transport {
			return s.serves(p)
		}
	}
	return false
}
