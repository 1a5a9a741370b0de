package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"netperfmeter/active"
	"netperfmeter/stats"
)

// clockNotes says what is known of the two sides' clocks, whether the delays
// contain their difference, and which delays are too small to mean anything.
func clockNotes(report *active.Report) []string {
	c := report.Clock
	if c == nil {
		return nil
	}
	notes := []string{clockNote(c)}
	if !c.Steady {
		notes = append(notes, "The clocks did not keep a steady difference: one was set, or its speed was changed, while this measured.")
	}
	if small, all := smallDelays(report); len(small) > 0 {
		which := "flows " + strings.Join(shortList(small, 10), ", ")
		switch {
		case len(small) == 1:
			which = "flow " + small[0]
		case all:
			which = "all flows"
		}
		notes = append(notes, fmt.Sprintf("Delays of %s are smaller than the uncertainty of the clocks (+-%s).", which, formatDelay(doubt(c))))
	}
	return notes
}

// doubt is how wrong corrected delays, or those less the offset, may be.
func doubt(c *stats.ClockResult) float64 {
	if c.Corrected {
		return c.CorrectionBound
	}
	return c.Bound
}

func clockNote(c *stats.ClockResult) string {
	offset := c.Offset()
	found := fmt.Sprintf("no difference was found between the two sides', to +-%s", formatDelay(c.Bound))
	if math.Abs(offset) > c.Bound {
		ahead := "ahead of"
		if offset < 0 {
			ahead = "behind"
		}
		found = fmt.Sprintf("that of the passive side is %s +-%s %s this one", formatDelay(math.Abs(offset)), formatDelay(c.Bound), ahead)
	}
	if math.Abs(c.Drift) > c.DriftBound {
		found += fmt.Sprintf(", drifting by %.3g ppm", c.Drift)
	}
	switch {
	case c.Corrected:
		found += fmt.Sprintf("; delays are corrected, to +-%s", formatDelay(c.CorrectionBound))
	case math.Abs(offset) > c.Bound:
		found += "; delays contain that difference (--correct-delays takes it out)"
	}
	return "Clocks: " + found + "."
}

// smallDelays lists the directions whose delay, without the difference of the
// clocks, is smaller than what is not known of that, and says whether that is
// every delay that is known.
func smallDelays(report *active.Report) (small []string, all bool) {
	all = true
	for _, flow := range report.Flows {
		for _, outgoing := range bothWays {
			d := direction(flow, outgoing)
			delay := d.DelayMedian
			if c := report.Clock; !c.Corrected && outgoing {
				delay -= c.Offset()
			} else if !c.Corrected {
				delay += c.Offset()
			}
			switch { // neither for a delay that is unknown
			case math.Abs(delay) < doubt(report.Clock):
				small = append(small, strconv.FormatUint(uint64(flow.ID), 10)+" "+way(outgoing))
			case !math.IsNaN(delay):
				all = false
			}
		}
	}
	return small, all
}
