package main

import (
	"fmt"
	"math"
	"time"

	"netperfmeter/active"
)

// The old rate is looked for where there was time for one before the gap, and
// for one again behind it: a tenth of a second and 0.2 seconds (stats.Gap),
// and what the bins that it counts in may add.
const (
	timeForRate     = 0.11
	timeForRecovery = 0.22
)

// gapNote says of a direction when it brought nothing for long, of what its
// sender's rate lets expect; "" if it never did. steady: the flow is on all
// the time. One that is turned off has not failed to come back to its rate.
func gapNote(d *active.DirectionReport, measured time.Duration, steady bool) string {
	gaps := &d.Gaps
	if len(gaps.List) == 0 {
		return ""
	}
	at := 0
	for i := range gaps.List {
		if gaps.List[i].Length > gaps.List[at].Length {
			at = i
		}
	}
	longest := &gaps.List[at]
	text := fmt.Sprintf("nothing came for %s from %.3f s on", formatDelay(longest.Length), longest.At) + recovery(gaps.List, at, measured, steady)
	if late := d.Sending.LatenessMax; late >= longest.Length/2 { // not of one that is unknown
		text += fmt.Sprintf("; its sender was up to %s late", formatDelay(late))
	}
	switch threshold := formatDelay(gaps.Threshold); gaps.Total {
	case 0, 1:
	case 2:
		text += "; 1 more gap of over " + threshold
	default:
		text += fmt.Sprintf("; %d more gaps of over %s", gaps.Total-1, threshold)
	}
	return text
}

// recovery says when the old rate was back after gap i; nothing where there
// was none, or no time to see it again.
func recovery(gaps []active.GapReport, i int, measured time.Duration, steady bool) string {
	gap, before, after := &gaps[i], 0.0, measured.Seconds()
	if i > 0 {
		before = end(&gaps[i-1])
	}
	if i+1 < len(gaps) {
		after = gaps[i+1].At
	}
	switch {
	case gap.Open:
		return ", to the end"
	case gap.Recovery == 0:
		return ", then the old rate was back at once"
	case gap.Recovery > 0:
		return fmt.Sprintf("; the old rate was back %s later", formatDelay(gap.Recovery))
	case steady && math.IsNaN(gap.Recovery) && gap.At-before >= timeForRate && after-end(gap) >= timeForRecovery:
		return "; the old rate was not seen again"
	}
	return ""
}

// end is when a gap ended, in seconds.
func end(gap *active.GapReport) float64 { return gap.At + gap.Length/1000 }
