//go:build linux

package truth

import "regexp"

// Regular expressions for sentences. What the test cannot know beforehand are
// shares, ports and times.
const (
	share   = `\d+ %`
	address = `[0-9.]+:\d+`
	way     = address + ` to ` + address
	seconds = `after \d+\.\d s`
	shares  = `MPTCP, 2 subflows, ` + share + ` / ` + share
	joined  = shares + `; ` + way + ` joined ` + seconds
	two     = shares + `(?:; ` + way + ` joined ` + seconds + `)?` // on a slow machine the second one comes late
	one     = `MPTCP, 1 subflow`
	noJoin  = one + `; of 2 joins from this host 0 were answered with MPTCP, and 0 reached the passive side`
	later   = `fell back to TCP ` + seconds
	reset   = `subflows were reset, as they are when data come without the MPTCP option`
)

var (
	setUp     = "fell back to TCP at set-up"
	noAnswer  = literally(setUp + ": the answer carried no MPTCP option; ")
	boxAll    = noAnswer + literally("no SYN with it reached the passive side, which has MPTCP: a box on the path removes it")
	boxBack   = noAnswer + literally("a SYN with it reached the passive side, which has MPTCP: a box on the path removes it from the answers")
	hostOff   = noAnswer + literally("the passive side has MPTCP switched off (net.mptcp.enabled)")
	proxyHere = noAnswer + literally("the passive side, which has MPTCP, was connected without it by ") + address +
		literally(": a proxy or an address translator is on the path")
	dropping = literally("connected after 3 s without MPTCP: SYNs with the option are being dropped; ")
	again    = literally("this host will try again with the next connection (net.mptcp.blackhole_timeout is 0)")
	notAgain = literally("this host will not try again for an hour (net.mptcp.blackhole_timeout)")
	silent   = literally(setUp + ": this host did not ask for it, since SYNs with the option were dropped before (net.mptcp.blackhole_timeout)")
	stripped = later + literally(": data came without the MPTCP option, which a box on the path removes")
	// Of a connection that is reset on both paths, one end may know of it before the other.
	died     = shares + `(?:; ` + way + ` (?:joined|ended) ` + seconds + `){2,3}; no subflow was left at the end`
	diedHere = died + `: ` + reset + `|` + two + literally("; the passive side had no subflow left at the end: ") + reset
)

func literally(text string) string { return regexp.QuoteMeta(text) }
