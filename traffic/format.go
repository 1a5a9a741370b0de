package traffic

import (
	"strconv"
	"strings"
	"time"

	"netperfmeter/wire"
)

// String writes the specification as a FLOWSPEC: all four values, then the
// options that differ from their defaults. Parsed again for the same protocol,
// with Defaults{}, it gives the same specification but for Stream and Warnings.
func (s FlowSpec) String() string {
	parts := []string{s.Outgoing.String(), s.Incoming.String()}
	add := func(given bool, option, value string) {
		if given {
			parts = append(parts, option+value)
		}
	}
	add(s.IDSet, "id=", strconv.FormatUint(uint64(s.ID), 10))
	add(s.Description != "", "description=", s.Description)
	add(s.MaxMsgSize != DefaultMaxMsgSize, "maxmsgsize=", strconv.Itoa(s.MaxMsgSize))
	add(s.DefragTimeout != DefaultDefragTimeout, "defragtimeout=",
		strconv.FormatInt(int64(s.DefragTimeout/time.Millisecond), 10))
	add(s.Ordered != 1, "ordered=", formatNumber(s.Ordered))
	add(s.Reliable != 1, "reliable=", formatNumber(s.Reliable))
	rtx := strconv.FormatUint(uint64(s.Rtx.Value), 10)
	add(s.Rtx.Set && s.Rtx.Milliseconds, "rtx_timeout=", rtx)
	add(s.Rtx.Set && !s.Rtx.Milliseconds, "rtx_trials=", rtx)
	add(s.SndBuf != 0, "sndbuf=", strconv.Itoa(s.SndBuf))
	add(s.RcvBuf != 0, "rcvbuf=", strconv.Itoa(s.RcvBuf))
	add(len(s.OnOff) > 0, "onoff=", formatOnOff(s.OnOff, s.Repeat))
	add(!s.ErrorOnAbort, "error_on_abort=", "off")
	add(s.NoDelay, "nodelay=", "on")
	add(s.CC != DefaultCC, "cc=", s.CC)
	add(s.CMT != CMTOff && s.Protocol != wire.MPTCP, "cmt=", formatCMT(s.CMT))
	add(s.CCID != 0, "ccid=", strconv.Itoa(int(s.CCID)))
	add(s.V6Only, "v6only", "")
	add(s.Debug, "debug=", "on")
	return strings.Join(parts, ":")
}

func formatCMT(value uint8) string {
	for _, word := range cmtNames {
		if word.value == value {
			return word.name
		}
	}
	return strconv.Itoa(int(value))
}
