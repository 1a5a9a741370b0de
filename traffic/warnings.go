package traffic

import (
	"fmt"
	"slices"

	"netperfmeter/wire"
)

func (s *FlowSpec) warnf(format string, args ...any) {
	s.Warnings = append(s.Warnings, fmt.Sprintf(format, args...))
}

// warn notes what is right but may not be meant.
func (s *FlowSpec) warn() {
	if len(s.Description) > wire.MaxDescription {
		s.warnf("the description has %d bytes, the first %d of them are sent", len(s.Description), wire.MaxDescription)
	}
	if i := misplaced(s.OnOff); i >= 0 {
		s.warnf("onoff %s is before an entry in front of it and takes effect together with that", entryName(i, formatEvent(s.OnOff[i])))
	}
	s.warnIneffective()
}

// warnIneffective names the options that the flow's transport has no use for.
func (s *FlowSpec) warnIneffective() {
	sctp := []wire.Protocol{wire.SCTP}
	for _, o := range []struct {
		name  string
		given bool
		use   []wire.Protocol
	}{
		{"ordered", s.Ordered != 1, sctp},
		{"reliable", s.Reliable != 1, sctp},
		{"rtx_timeout, rtx_trials", s.Rtx.Set, sctp},
		{"nodelay", s.NoDelay, []wire.Protocol{wire.TCP, wire.MPTCP, wire.SCTP}},
		{"cc", s.CC != DefaultCC, []wire.Protocol{wire.TCP, wire.MPTCP, wire.QUIC}},
		{"cmt", s.CMT != CMTOff, []wire.Protocol{wire.SCTP, wire.MPTCP}},
		{"ccid", s.CCID != 0, []wire.Protocol{wire.DCCP}},
	} {
		if o.given && !slices.Contains(o.use, s.Protocol) {
			s.warnf("no effect over %v: %s", s.Protocol, o.name)
		}
	}
}
