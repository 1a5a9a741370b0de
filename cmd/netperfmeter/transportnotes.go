package main

import (
	"fmt"
	"strings"

	"netperfmeter/active"
	"netperfmeter/channels"
)

// transportNotes says what really ran under each flow, as far as kernels tell,
// and on what hosts.
func transportNotes(report *active.Report, activeName, passiveName string) []string {
	var notes []string
	for i := range report.Flows {
		f := &report.Flows[i]
		if f.Transport.Verdict != "" {
			notes = append(notes, fmt.Sprintf("Flow %d ran over: %s", f.ID, printable(f.Transport.Verdict)))
		}
	}
	if len(notes) == 0 {
		return nil
	}
	notes = shortList(notes, 20)
	if report.Foreign {
		notes = append(notes, "The passive side is another program: this is what the kernel of this side says.")
	}
	for _, host := range []struct {
		name string
		is   *channels.Environment
	}{{activeName, report.ActiveHost}, {passiveName, report.PassiveHost}} {
		if host.is != nil {
			notes = append(notes, printable(host.name+": "+hostLine(host.is)))
		}
	}
	return notes
}

// hostLine is a host in one line.
func hostLine(e *channels.Environment) string {
	text := strings.TrimSpace(fmt.Sprintf("%s %s", e.System, e.Kernel))
	if e.CongestionControl != "" {
		text += fmt.Sprintf(", congestion control %s of %s", e.CongestionControl, strings.Join(e.CongestionControls, ", "))
	}
	m := e.MPTCP
	switch {
	case m == nil:
		return text + "; no MPTCP"
	case !m.Enabled:
		return text + "; MPTCP switched off"
	}
	text += fmt.Sprintf("; MPTCP: scheduler %s, path manager %s, at most %d more subflows, %d of them announced by the peer",
		m.Scheduler, m.PathManager, m.Subflows, m.AddAddrAccepted)
	for _, at := range m.Endpoints {
		text += fmt.Sprintf(", endpoint %s %s", at.Address, strings.Join(at.Flags, " "))
	}
	return text
}
