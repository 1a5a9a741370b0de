package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"netperfmeter/channels"
	"netperfmeter/control"
)

// hostText is what a host can do, for people. All of it may come from a peer.
func hostText(h control.Host) string {
	var text hostWriter
	text.line("program", h.Program+" "+h.Version)
	text.line("system", strings.TrimSpace(h.System+" "+h.Kernel+" "+h.Machine))
	text.list("transports", h.Transports)
	text.list("control over", h.Control)
	text.line("congestion control", congestionControls(h.Environment))
	text.mptcp(h.MPTCP)
	text.list("UDP offloads", h.Offloads)
	text.list("kernel time stamps", h.TimeStamps)
	text.limits(h.Limits)
	return text.String()
}

type hostWriter struct{ strings.Builder }

// line is one row; a value that is not known is left out.
func (w *hostWriter) line(name, value string) {
	if value = strings.TrimSpace(value); value != "" {
		fmt.Fprintf(w, "  %-20s %s\n", name, printable(value))
	}
}

// list says what works, and then what does not, each with its reason.
func (w *hostWriter) list(name string, list []channels.Capability) {
	var works []string
	for _, c := range list {
		if c.Available {
			works = append(works, c.Name)
		}
	}
	w.line(name, cmp.Or(strings.Join(works, ", "), "none"))
	for _, c := range list {
		if !c.Available {
			w.line("", "not "+c.Name+": "+c.Reason)
		}
	}
}

func congestionControls(e channels.Environment) string {
	list := slices.Clone(e.CongestionControls)
	for i, name := range list {
		if name == e.CongestionControl {
			list[i] += " (default)"
		}
	}
	return strings.Join(list, ", ")
}

func (w *hostWriter) mptcp(m *channels.MPTCPEnvironment) {
	switch {
	case m == nil:
		w.line("MPTCP", "not in this kernel")
		return
	case !m.Enabled:
		w.line("MPTCP", "switched off (net.mptcp.enabled is 0)")
	default:
		w.line("MPTCP", fmt.Sprintf("on, further subflows: %d, of them announced by the peer: %d", m.Subflows, m.AddAddrAccepted))
	}
	if m.Scheduler != "" || m.PathManager != "" {
		w.line("", "scheduler "+cmp.Or(m.Scheduler, "unknown")+", path manager "+cmp.Or(m.PathManager, "unknown"))
	}
	for _, e := range m.Endpoints {
		w.line("", strings.Join(append([]string{"endpoint", e.Address, e.Interface}, e.Flags...), " "))
	}
}

func (w *hostWriter) limits(l channels.Limits) {
	for _, row := range []struct {
		name  string
		value uint64
		unit  string
	}{
		{"descriptors", l.Descriptors, ""},
		{"processors", uint64(max(l.Processors, 0)), ""},
		{"memory", l.Memory, " bytes"},
		{"send buffer", l.SendBuffer, " bytes at most (net.core.wmem_max)"},
		{"receive buffer", l.ReceiveBuffer, " bytes at most (net.core.rmem_max)"},
		{"TCP autotuning", l.TCPSendBuffer, " bytes at most, sending"},
		{"", l.TCPReceiveBuffer, " bytes at most, receiving"},
		{"backlog", l.Backlog, " connections"},
		{"UDP message", uint64(max(l.Datagram, 0)), " bytes at most"},
	} {
		if row.value != 0 {
			w.line(row.name, strconv.FormatUint(row.value, 10)+row.unit)
		}
	}
	if l.LastLocalPort != 0 {
		w.line("local ports", fmt.Sprintf("%d to %d", l.FirstLocalPort, l.LastLocalPort))
	}
}
