package main

import (
	"math"
	"strconv"

	"netperfmeter/active"
)

// The columns of the table of how senders kept to their plans.
var sendingColumns = []column{
	{title: "Flow"},
	{title: "Protocol", left: true},
	{title: "Way", left: true},
	{above: "Frames/s", title: "planned"},
	{title: "sent"},
	{above: "Sent late", title: "median"},
	{title: "99 %"},
	{title: "max."},
	{title: "Blocked"},
	{title: "Skipped"},
}

// sendingTable writes how exactly frames were sent that had a planned instant,
// with an empty line behind it; nothing if there were none.
func sendingTable(report *active.Report) string {
	var rows [][]string
	for _, flow := range report.Flows {
		for _, outgoing := range bothWays {
			if d := direction(flow, outgoing); !d.Idle && planned(d.Sending) {
				rows = append(rows, sendingRow(flow, d.Sending, outgoing))
			}
		}
	}
	if len(rows) == 0 {
		return ""
	}
	rows, _ = shorten(rows)
	all := make([]int, len(sendingColumns))
	for i := range all {
		all[i] = i
	}
	return layOut(sendingColumns, all, rows) + "\n"
}

// planned tells whether there is something to say of a sender's plan.
func planned(s active.SendingReport) bool {
	return s.Configured > 0 || !math.IsNaN(s.LatenessMedian)
}

func sendingRow(flow active.FlowReport, s active.SendingReport, outgoing bool) []string {
	return []string{
		strconv.FormatUint(uint64(flow.ID), 10),
		flow.Protocol.String(),
		way(outgoing),
		formatFrameRate(s.Configured), formatFrameRate(s.Achieved),
		formatDelay(s.LatenessMedian), formatDelay(s.Lateness99), formatDelay(s.LatenessMax),
		formatDelay(s.Blocked),
		strconv.FormatUint(s.Skipped, 10),
	}
}

// formatFrameRate writes frames per second, of which 0 are none that is known.
func formatFrameRate(rate float64) string {
	if rate == 0 {
		return unknown
	}
	return strconv.FormatFloat(rate, 'g', 6, 64)
}
