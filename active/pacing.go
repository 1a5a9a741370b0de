package active

import (
	"fmt"
	"time"
)

// rateTolerance is how much less than the configured frame rate is worth a
// warning; the timing of the first and the last frame alone moves short runs
// by less.
const rateTolerance = 0.005

// warnOfRates says which flows were not sent as configured, and what held them
// up.
func (r *run) warnOfRates(p *Report) {
	for i := range p.Flows {
		f := &p.Flows[i]
		for _, d := range []struct {
			way string
			s   *SendingReport
		}{{"out", &f.Outgoing.Sending}, {"in", &f.Incoming.Sending}} {
			if text := d.s.shortfall(); text != "" {
				r.warn("flow %d (%s, %v) %s: %s", f.ID, f.Description, f.Protocol, d.way, text)
			}
			if d.s.Dropped > 0 {
				r.warn("flow %d (%s, %v) %s: the sender's own host dropped %d datagrams (no route, link down, or a firewall); they count as lost",
					f.ID, f.Description, f.Protocol, d.way, d.s.Dropped)
			}
		}
	}
}

// shortfall says what was not sent as configured, "" if all was.
func (s *SendingReport) shortfall() string {
	short := s.Configured > 0 && s.Achieved > 0 && s.Achieved < s.Configured*(1-rateTolerance)
	if !short && s.Skipped == 0 {
		return ""
	}
	text := fmt.Sprintf("%d frames were skipped after stalls of the sender", s.Skipped)
	if short {
		text = fmt.Sprintf("sent %.6g of %.6g frames/s, %d frames skipped", s.Achieved, s.Configured, s.Skipped)
	}
	blocked := time.Duration(s.Blocked * float64(time.Millisecond)).Round(time.Millisecond)
	if blocked > stallNoise {
		return fmt.Sprintf("%s; the transport had no room for them for %v", text, blocked)
	}
	return text + "; the sender's host did not get to it in time (CPU)"
}

// stallNoise is a wait for the transport that explains no missing frames.
const stallNoise = 100 * time.Millisecond
