package active

import "netperfmeter/channels"

// shape is what makes a change of a flow's transport an event: another protocol,
// a path that came or went.
type shape struct {
	known        bool
	protocol     string
	paths, ended int
}

func shapeOf(s *channels.State) shape {
	is := shape{known: true, protocol: s.Protocol, paths: len(s.Paths)}
	for i := range s.Paths {
		if s.Paths[i].Ended() {
			is.ended++
		}
	}
	return is
}

// connected notes the addresses of a flow's channel, and tells of it.
func (r *run) connected(flow int) {
	report, conn := &r.result.Flows[flow], r.flows[flow].conn
	report.Local, report.Remote = conn.LocalAddr(), conn.RemoteAddr()
	if r.Event != nil {
		r.tellTransport(flow)
	}
}

// tellTransport passes on what runs under a flow, if that is news. The state is
// that of this side's last look.
func (r *run) tellTransport(flow int) {
	state := r.flows[flow].flow.State()
	now := shapeOf(&state)
	if r.shapes[flow] == now {
		return
	}
	r.shapes[flow] = now
	report := r.result.Flows[flow]
	report.Transport = TransportReport{FellBack: state.MPTCP != nil && !state.MPTCP.InUse}
	if state.Time != 0 {
		report.Transport.Active = &state
	}
	r.tell(Event{Time: state.Time, Transport: &report})
}
