package active

import (
	"context"
	"net"
	"net/netip"
	"time"

	"netperfmeter/channels"
	"netperfmeter/wire"
)

// fallbackPatience is how long an answer over SCTP is waited for where TCP may
// be tried after it: the INIT is sent again after three seconds (RTO.Initial).
const fallbackPatience = 5 * time.Second

// dialControl connects the control channel: over TCP if nothing answers over
// SCTP and the user did not insist, and then fellBack says why.
func (cfg *Config) dialControl(ctx context.Context) (conn net.Conn, fellBack, err error) {
	remote := netip.AddrPortFrom(cfg.Remote, cfg.Ports.Control)
	options := channels.Options{Local: cfg.LocalControl, V6Only: cfg.V6Only, PeerTimeout: cfg.PeerTimeout}
	if cfg.Control != wire.SCTP || !cfg.ControlFallback {
		conn, err = channels.DialControl(ctx, cfg.Control, remote, options)
		return conn, nil, err
	}
	first, cancel := context.WithTimeout(ctx, fallbackPatience)
	defer cancel()
	conn, fellBack = channels.DialControl(first, wire.SCTP, remote, options)
	if fellBack == nil || ctx.Err() != nil {
		return conn, nil, fellBack
	}
	conn, err = channels.DialControl(ctx, wire.TCP, remote, options)
	return conn, fellBack, err
}
