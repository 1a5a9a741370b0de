package channels

import (
	"fmt"
	"math"
	"strings"
)

// KernelTells tells whether the kernel says anything of connections of a
// protocol, named as wire does, beyond their addresses.
func KernelTells(protocol string) bool {
	return protocol == "TCP" || protocol == "MPTCP" || protocol == "SCTP"
}

// Describe says in words what ran, as far as this end's kernel knows it; ""
// where it says nothing. start is the beginning of the measurement, and late
// when its second look was: a subflow that was first seen after that is worth
// a word. Both are microseconds since the epoch; before the start they are 0.
func (s *State) Describe(start, late int64) string {
	switch {
	case s.Time == 0 || !KernelTells(s.Protocol):
		return ""
	case s.MPTCP == nil:
		return s.Protocol + s.controlled()
	case s.MPTCP.InUse:
		return strings.Join(append([]string{s.subflows()}, s.changes(start, late)...), "; ")
	case s.MPTCP.Setup:
		return "fell back to TCP at set-up"
	case s.MPTCP.FallbackAt <= start || start == 0:
		return "fell back to TCP before the start"
	}
	return "fell back to TCP " + after(s.MPTCP.FallbackAt, start)
}

// controlled names the congestion control.
func (s *State) controlled() string {
	if len(s.Paths) == 0 || s.Paths[0].TCP == nil || s.Paths[0].TCP.CongestionControl == "" {
		return ""
	}
	return ", " + s.Paths[0].TCP.CongestionControl
}

// subflows says how many there were, and what each carried.
func (s *State) subflows() string {
	if len(s.Paths) == 1 {
		return "MPTCP, 1 subflow"
	}
	text := fmt.Sprintf("MPTCP, %d subflows", len(s.Paths))
	for i := range s.Paths {
		separator := " / "
		if i == 0 {
			separator = ", "
		}
		text += fmt.Sprintf("%s%.0f %%", separator, 100*s.Paths[i].Share)
	}
	return text
}

// changes are the subflows that joined while it ran, and those that ended.
func (s *State) changes(start, late int64) []string {
	var texts []string
	open := 0
	for i := range s.Paths {
		p := &s.Paths[i]
		name := fmt.Sprintf("%s to %s", p.Local, p.Remote)
		if start != 0 && late != 0 && p.Since > late {
			texts = append(texts, name+" joined "+after(p.Since, start))
		}
		if p.Ended() {
			texts = append(texts, name+" ended "+after(p.Until, start))
		} else {
			open++
		}
	}
	if open == 0 {
		texts = append(texts, "no subflow was left at the end")
	}
	return texts
}

// after is a time since the start: the look that first saw it, or did not see
// it any more.
func after(at, start int64) string {
	seconds := float64(at-start) / 1e6
	if start == 0 || seconds < 0 {
		return "before the start"
	}
	return fmt.Sprintf("after %.1f s", math.Round(10*seconds)/10)
}
