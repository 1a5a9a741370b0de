package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"netperfmeter/active"
	"netperfmeter/channels"
	"netperfmeter/wire"
)

// transportNotes says what really ran under each flow, as far as kernels tell,
// and on what hosts. Flows of which the same is to be said share a line.
func transportNotes(report *active.Report, activeName, passiveName string) []string {
	flows := map[string][]wire.FlowID{}
	var verdicts []string
	mptcp := false
	for i := range report.Flows {
		f := &report.Flows[i]
		mptcp = mptcp || f.Protocol == wire.MPTCP
		verdict := f.Transport.Verdict
		if verdict == "" {
			continue
		}
		if flows[verdict] == nil {
			verdicts = append(verdicts, verdict)
		}
		flows[verdict] = append(flows[verdict], f.ID)
	}
	if len(verdicts) == 0 {
		return nil
	}
	var notes []string
	for _, verdict := range verdicts {
		notes = append(notes, flowList(flows[verdict])+" ran over: "+printable(verdict))
	}
	notes = shortList(notes, 20)
	if report.Foreign {
		notes = append(notes, "The passive side is another program: this is what the kernel of this side says.")
	}
	return append(notes, hostNotes(report, activeName, passiveName, mptcp)...)
}

// flowList names flows, which may be very many; neighbours as a range.
func flowList(ids []wire.FlowID) string {
	ids = slices.Sorted(slices.Values(ids))
	var parts []string
	for i := 0; i < len(ids); {
		last := i
		for last+1 < len(ids) && ids[last+1] == ids[last]+1 {
			last++
		}
		switch last - i {
		case 0:
			parts = append(parts, fmt.Sprint(ids[i]))
		case 1:
			parts = append(parts, fmt.Sprint(ids[i]), fmt.Sprint(ids[last]))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", ids[i], ids[last]))
		}
		i = last + 1
	}
	if len(ids) == 1 {
		return "Flow " + parts[0]
	}
	return "Flows " + strings.Join(shortList(parts, 10), ", ")
}

// hostNotes says what the hosts are, in one line if they are alike.
func hostNotes(report *active.Report, activeName, passiveName string, mptcp bool) []string {
	own, peer := report.ActiveHost, report.PassiveHost
	if own != nil && peer != nil && hostLine(own, mptcp) == hostLine(peer, mptcp) {
		return []string{printable(activeName + " and " + passiveName + ": " + hostLine(own, mptcp))}
	}
	var notes []string
	if own != nil {
		notes = append(notes, printable(activeName+": "+hostLine(own, mptcp)))
	}
	if peer != nil {
		notes = append(notes, printable(passiveName+": "+hostLine(peer, mptcp)))
	}
	return notes
}

// hostLine is a host in one line, with its settings of MPTCP if that was used.
func hostLine(e *channels.Environment, mptcp bool) string {
	text := strings.TrimSpace(fmt.Sprintf("%s %s", e.System, e.Kernel))
	if e.CongestionControl != "" {
		text += fmt.Sprintf(", default congestion control %s (of %s)", e.CongestionControl, strings.Join(e.CongestionControls, ", "))
	}
	if !mptcp {
		return text
	}
	m := e.MPTCP
	switch {
	case m == nil:
		return text + "; no MPTCP"
	case !m.Enabled:
		return text + "; MPTCP switched off"
	}
	text += fmt.Sprintf("; MPTCP: up to %d further subflows, %d announced addresses accepted, scheduler %s, path manager %s",
		m.Subflows, m.AddAddrAccepted, cmp.Or(m.Scheduler, "unknown"), cmp.Or(m.PathManager, "unknown"))
	for _, at := range m.Endpoints {
		text += fmt.Sprintf(", endpoint %s %s", at.Address, strings.Join(at.Flags, " "))
	}
	return text
}
