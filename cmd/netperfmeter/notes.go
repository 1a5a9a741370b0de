package main

import (
	"fmt"
	"strings"
	"time"

	"netperfmeter/active"
)

// resultNotes is what stands below the table: what its words mean, warnings,
// and the files.
func resultNotes(report *active.Report, measured time.Duration, activeName, passiveName string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "out: %s to %s, in: back. Packets are NetPerfMeter messages, not IP packets.\n"+
		"Rates are over the time from a flow's first to its last message; those of all over the whole measurement.\n",
		printable(activeName), printable(passiveName))
	if clocks := clockNotes(report); len(clocks) > 0 {
		text.WriteString("\n" + strings.Join(clocks, "\n") + "\n")
	}
	if transports := transportNotes(report, activeName, passiveName); len(transports) > 0 {
		text.WriteString("\n" + strings.Join(transports, "\n") + "\n")
	}
	if special := specialNotes(report, measured); len(special) > 0 {
		text.WriteString("\n" + strings.Join(shortList(special, 20), "\n") + "\n")
	}
	if len(report.Warnings) > 0 {
		text.WriteString("\nWarnings:\n")
		for _, warning := range shortList(report.Warnings, 40) {
			text.WriteString("  " + printable(warning) + "\n")
		}
	}
	if len(report.Files) > 0 {
		text.WriteString("\nFiles written:\n")
		for _, file := range shortList(report.Files, 20) {
			text.WriteString("  " + printable(file) + "\n")
		}
	}
	return text.String()
}

// specialNotes tells what the table has no columns for, since it is rare.
func specialNotes(report *active.Report, measured time.Duration) []string {
	var notes []string
	for _, flow := range report.Flows {
		for _, outgoing := range bothWays {
			d := direction(flow, outgoing)
			var parts []string
			for _, what := range []struct {
				n    uint64
				text string
			}{
				{d.Late, "messages came late"},
				{d.Twice, "came twice"},
			} {
				if what.n > 0 {
					parts = append(parts, fmt.Sprintf("%d %s", what.n, what.text))
				}
			}
			if len(parts) > 0 {
				notes = append(notes, fmt.Sprintf("Flow %d %s: %s", flow.ID, way(outgoing), strings.Join(parts, ", ")))
			}
			if gap := gapNote(&d, measured, len(flow.Spec.OnOff) == 0); gap != "" {
				notes = append(notes, fmt.Sprintf("Flow %d %s: %s", flow.ID, way(outgoing), gap))
			}
		}
	}
	return notes
}

// shortList keeps a list readable.
func shortList(list []string, most int) []string {
	if len(list) <= most {
		return list
	}
	keep := most / 2
	short := append(append([]string{}, list[:keep]...), fmt.Sprintf("... %d more ...", len(list)-2*keep))
	return append(short, list[len(list)-keep:]...)
}
