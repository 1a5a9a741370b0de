package main

import (
	"fmt"
	"math"

	"netperfmeter/active"
)

// gapNote says of a direction when it brought nothing for long, of what its
// sender's rate lets expect; "" if it never did.
func gapNote(d *active.DirectionReport) string {
	gaps := &d.Gaps
	if len(gaps.List) == 0 {
		return ""
	}
	longest := &gaps.List[0]
	for i := range gaps.List {
		if gaps.List[i].Length > longest.Length {
			longest = &gaps.List[i]
		}
	}
	text := fmt.Sprintf("nothing came for %s from %.3f s on", formatDelay(longest.Length), longest.At)
	switch {
	case longest.Open:
		text += ", to the end"
	case longest.Recovery == 0:
		text += ", then the old rate was back at once"
	case longest.Recovery > 0:
		text += fmt.Sprintf("; the old rate was back %s later", formatDelay(longest.Recovery))
	case math.IsNaN(longest.Recovery) && longest.At > 0:
		text += "; the old rate was not seen again"
	}
	if late := d.Sending.LatenessMax; late >= longest.Length/2 { // not of one that is unknown
		text += fmt.Sprintf("; its sender was up to %s late", formatDelay(late))
	}
	if others := gaps.Total - 1; others > 0 {
		text += fmt.Sprintf("; %d more gaps of over %s", others, formatDelay(gaps.Threshold))
	}
	return text
}
