package active

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"netperfmeter/channels"
)

// evidence is all that there is to judge by what ran under a flow, and why.
// Counters are those that nstat(8) calls MPTcpExt. They count for a whole
// network namespace: of several connections they tell what happened to some.
type evidence struct {
	own, peer      *channels.State   // peer nil: unknown
	start, late    int64             // of the measurement, as channels.State.Describe wants them
	foreign        bool              // the passive side is another program
	setUp, since   map[string]uint64 // this host's counters: while the flows were connected, and up to now
	theirs         map[string]uint64 // the passive side's
	host, peerHost *channels.Environment
}

// verdict says it in words.
func (e evidence) verdict() string {
	text := e.own.Describe(e.start, e.late)
	m := e.own.MPTCP
	switch {
	case m == nil || text == "":
		return text
	case m.InUse:
		return text + e.peerFellBack() + e.broken() + e.joins()
	case m.Setup:
		return e.setUpFallback(text)
	}
	return text + e.lateFallback()
}

// slowConnect is what tells a connection whose first SYN was lost: the kernel
// repeats it after a second at the earliest (RFC 6298).
const slowConnect = 900 * time.Millisecond

// setUpFallback says why the connection never was MPTCP.
func (e evidence) setUpFallback(text string) string {
	took := time.Duration(e.own.MPTCP.ConnectTime) * time.Microsecond
	switch {
	case took >= slowConnect && e.setUp["MPCapableSYNTXDrop"] > 0:
		return fmt.Sprintf("connected after %.0f s without MPTCP: SYNs with the option are being dropped; %s",
			math.Round(took.Seconds()), e.again())
	case e.setUp["MPCapableSYNTXDisabled"] > 0 && e.setUp["MPCapableFallbackSYNACK"] == 0:
		return text + ": this host did not ask for it, since SYNs with the option were dropped before (net.mptcp.blackhole_timeout)"
	}
	return text + ": the answer carried no MPTCP option; " + e.whoseFault()
}

// again says when this host tries MPTCP again after SYNs were dropped
// (mptcp_active_disable in the kernel).
func (e evidence) again() string {
	timeout := 0
	if e.host != nil && e.host.MPTCP != nil {
		timeout = e.host.MPTCP.BlackholeTimeout
	}
	switch timeout {
	case 0:
		return "this host will try again with the next connection (net.mptcp.blackhole_timeout is 0)"
	case 3600:
		return "this host will not try again for an hour (net.mptcp.blackhole_timeout)"
	}
	return fmt.Sprintf("this host will not try again for %d s (net.mptcp.blackhole_timeout)", timeout)
}

// whoseFault tells a box on the path from a host without MPTCP, by what the
// passive side has seen. To this host all of them look the same.
func (e evidence) whoseFault() string {
	switch {
	case e.foreign:
		return "the passive side is another program, so that its host cannot be told from a box on the path"
	case e.peer == nil || e.peer.MPTCP == nil || e.peerHost == nil:
		return "the passive side does not say what it has seen"
	case e.peerHost.MPTCP == nil:
		return "the passive side's kernel has no MPTCP"
	case e.peer.MPTCP.TCPSocket: // net.mptcp.enabled counts when a socket is made, and may have changed since
		return "the passive side has MPTCP switched off (net.mptcp.enabled)"
	case e.peer.MPTCP.InUse:
		return "the passive side has MPTCP in use: the two ends do not agree"
	case e.peer.MPTCP.Asked:
		return "a SYN with it reached the passive side, which has MPTCP: a box on the path removes it from the answers"
	case e.elsewhere() != "":
		return fmt.Sprintf("the passive side, which has MPTCP, was connected without it by %s: a proxy or an address translator is on the path", e.elsewhere())
	}
	return "no SYN with it reached the passive side, which has MPTCP: a box on the path removes it"
}

// elsewhere is the address that the passive side was connected from, if that
// is not this end's: a proxy or an address translator is in between.
func (e evidence) elsewhere() string {
	if len(e.own.Paths) == 0 || len(e.peer.Paths) == 0 {
		return ""
	}
	// A zone is each host's own name for a link.
	here, err := netip.ParseAddrPort(e.own.Paths[0].Local)
	there, bad := netip.ParseAddrPort(e.peer.Paths[0].Remote)
	if err != nil || bad != nil || here.Port() == there.Port() && here.Addr().WithZone("") == there.Addr().WithZone("") {
		return ""
	}
	return there.String()
}

// lateFallback says why the connection was MPTCP at first only.
func (e evidence) lateFallback() string {
	for _, name := range [...]string{"DssFallback", "MPCapableDataFallback", "DSSNoMatchTCP"} {
		if e.since[name] > 0 || e.theirs[name] > 0 {
			return ": data came without the MPTCP option, which a box on the path removes"
		}
	}
	if e.since["DSSCorruptionFallback"] > 0 || e.theirs["DSSCorruptionFallback"] > 0 {
		return ": data came changed, a box on the path rewrites it"
	}
	return ""
}

// peerFellBack is a word about an end that does not know of MPTCP any more.
func (e evidence) peerFellBack() string {
	if e.peer == nil || e.peer.MPTCP == nil || e.peer.MPTCP.InUse {
		return ""
	}
	return "; the passive side fell back to TCP" + e.lateFallback()
}

// broken is a word about a connection that has lost all of its subflows at one
// end. With several of them the kernel cannot fall back: it resets each that
// data come on without the option.
func (e evidence) broken() string {
	text := ""
	if gone(e.peer) && !gone(e.own) {
		text = "; the passive side had no subflow left at the end"
	}
	if (text != "" || gone(e.own)) && e.since["MPRstTx"]+e.theirs["MPRstTx"] > 0 {
		text += ": subflows were reset, as they are when data come without the MPTCP option"
	}
	return text
}

// gone tells whether an MPTCP connection has lost all of its subflows.
func gone(s *channels.State) bool {
	return s != nil && s.MPTCP != nil && s.MPTCP.InUse && len(s.Paths) > 0 &&
		!slices.ContainsFunc(s.Paths, func(p channels.Path) bool { return !p.Ended() })
}

// joins says how many subflows this host has asked for in vain. Which flow's
// they were the kernel does not tell.
func (e evidence) joins() string {
	asked, answered := e.since["MPJoinSynTx"], e.since["MPJoinSynAckRx"]
	if asked <= answered {
		return ""
	}
	text := fmt.Sprintf("; of %d joins from this host %d were answered with MPTCP", asked, answered)
	if e.theirs != nil {
		text += fmt.Sprintf(", and %d reached the passive side", e.theirs["MPJoinSynRx"])
	}
	return text
}
