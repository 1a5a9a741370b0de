package active

import (
	"fmt"
	"math"
	"time"

	"netperfmeter/stats"
)

// GapsReport is what is known of the times in which one direction of a flow
// brought no message. Lengths are milliseconds; times are seconds on one axis
// for all flows and both sides, that of the vectors' RelTime.
type GapsReport struct {
	Longest   float64 // NaN: unknown
	LongestAt float64 // when it began; NaN: unknown
	Threshold float64 // longer ones are in the list; 0: there is none
	Total     uint64  // how many were longer, also if they are too many for the list
	List      []GapReport
}

// GapReport is one time without a message.
type GapReport struct {
	At, Length float64
	Open       bool // it lasted to the end of the measurement
	// Recovery is the time in milliseconds from its end until the old rate was
	// back (stats.Gap); NaN: not seen.
	Recovery float64
}

// gaps is what this side knows of an incoming direction.
func gaps(f *stats.FlowScalars) GapsReport {
	g := &f.Gaps
	report := GapsReport{Longest: math.NaN(), LongestAt: math.NaN(), Threshold: inMilliseconds(g.Threshold), Total: g.Total}
	if f.Received.LongestGap > 0 {
		report.Longest = inMilliseconds(f.Received.LongestGap)
		if g.Threshold > 0 {
			report.LongestAt = g.RelTime(f.Received.GapStart)
		}
	}
	for _, gap := range g.Gaps {
		r := GapReport{At: g.RelTime(gap.Start), Length: inMilliseconds(gap.Length), Open: gap.Open, Recovery: math.NaN()}
		if gap.Recovery >= 0 {
			r.Recovery = inMilliseconds(gap.Recovery)
		}
		report.List = append(report.List, r)
	}
	return report
}

func inMilliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// gaps is what the passive side knows of an outgoing direction.
func (s scalarFigures) gaps() GapsReport {
	report := GapsReport{Longest: s.value("Longest Gap"), LongestAt: s.value("Longest Gap RelTime")}
	if v := s.value("Gap Threshold"); v > 0 {
		report.Threshold, report.Total = v, uint64(max(s.value("Gaps"), 0))
	}
	for i := 1; uint64(i) <= report.Total; i++ {
		name := fmt.Sprintf("Gap %d ", i)
		at := s.value(name + "RelTime")
		if math.IsNaN(at) {
			break // the list is shorter
		}
		report.List = append(report.List, GapReport{
			At: at, Length: s.value(name + "Length"), Open: s.value(name+"Open") == 1, Recovery: s.value(name + "Recovery"),
		})
	}
	return report
}
