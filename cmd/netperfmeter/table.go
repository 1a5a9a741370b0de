package main

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"netperfmeter/active"
	"netperfmeter/stats"
)

// What is shown of very many flows: all up to mostRows rows, else the first
// and the last ones.
const (
	mostRows  = 60
	firstRows = 30
	lastRows  = 10
)

// The columns of the final table, in their order.
var resultColumns = []column{
	{title: "Flow"},
	{title: "Description", left: true},
	{title: "Protocol", left: true},
	{title: "Way", left: true},
	{title: "Rate"},
	{title: "Bytes"},
	{title: "Packets"},
	{title: "Frames"},
	{title: "Lost"},
	{above: "Delay", title: "mean"},
	{title: "median"},
	{title: "99 %"},
	{title: "max."},
	{title: "Jitter"},
}

// Indices into resultColumns of the narrow forms: two tables below each other.
var (
	allColumns     = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}
	trafficColumns = []int{0, 1, 2, 3, 4, 5, 6, 7, 8}
	delayColumns   = []int{0, 1, 2, 3, 9, 10, 11, 12, 13}
)

const descriptionColumn = 1

// resultTable writes what a measurement has found, a row for each flow and
// direction that carried anything. Width is that of the terminal, 0 for none:
// one that is too narrow gets the table in two parts.
func resultTable(report *active.Report, measured time.Duration, width int) string {
	rows, left := resultRows(report)
	if len(rows) == 0 {
		return "No flow was to carry anything.\n"
	}
	totals := totalRows(report, measured)
	described := false
	for _, flow := range report.Flows {
		described = described || flow.Description != fmt.Sprintf("Flow %d", flow.ID)
	}
	both := append(rows[:len(rows):len(rows)], totals...)
	text := layOut(resultColumns, pick(allColumns, described), both)
	if width > 0 && layoutWidth(text) > width {
		text = layOut(resultColumns, pick(trafficColumns, described), both) + "\n" +
			layOut(resultColumns, pick(delayColumns, described), rows)
	}
	if left > 0 {
		text += fmt.Sprintf("%d more rows are not shown; --scalar writes the figures of all flows to files.\n", left)
	}
	return text
}

// pick leaves the descriptions out where they say nothing.
func pick(columns []int, described bool) []int {
	var shown []int
	for _, i := range columns {
		if i != descriptionColumn || described {
			shown = append(shown, i)
		}
	}
	return shown
}

// resultRows gives the rows of flows, and how many are left out.
func resultRows(report *active.Report) (rows [][]string, left int) {
	for _, flow := range report.Flows {
		for _, outgoing := range bothWays {
			if d := direction(flow, outgoing); !d.Idle {
				rows = append(rows, directionRow(flow, d, outgoing))
			}
		}
	}
	return shorten(rows)
}

// shorten leaves out rows in the middle of very many, and says how many.
func shorten(rows [][]string) (shown [][]string, left int) {
	if len(rows) <= mostRows {
		return rows, 0
	}
	gap := make([]string, len(rows[0]))
	gap[0] = "..."
	shown = append(rows[:firstRows:firstRows], gap)
	return append(shown, rows[len(rows)-lastRows:]...), len(rows) - firstRows - lastRows
}

// bothWays are the directions of a flow, in the order of their rows.
var bothWays = [...]bool{true, false}

func direction(flow active.FlowReport, outgoing bool) active.DirectionReport {
	if outgoing {
		return flow.Outgoing
	}
	return flow.Incoming
}

func directionRow(flow active.FlowReport, d active.DirectionReport, outgoing bool) []string {
	counts, lost := d.Received, formatLost(d.Lost, d.Received)
	switch {
	case !d.Known:
		counts, lost = d.Sent, "unknown"
	case d.NoLoss:
		lost = "unknown"
	}
	rate := d.BitRate
	if rate == 0 && counts.Bytes > 0 {
		rate = math.NaN() // of one message: from the first to the last is no time
	}
	return []string{
		strconv.FormatUint(uint64(flow.ID), 10),
		cut(printable(flow.Description), 20),
		flow.Protocol.String(),
		way(outgoing),
		formatRate(rate),
		formatBytes(counts.Bytes),
		strconv.FormatUint(counts.Packets, 10),
		strconv.FormatUint(counts.Frames, 10),
		lost,
		formatDelay(d.DelayMean), formatDelay(d.DelayMedian), formatDelay(d.Delay99), formatDelay(d.DelayMax),
		formatDelay(d.Jitter),
	}
}

func way(outgoing bool) string {
	if outgoing {
		return "out"
	}
	return "in"
}

// formatLost writes lost messages, and their part of all that were sent.
func formatLost(lost, received stats.Counts) string {
	if lost.Packets == 0 {
		return "0"
	}
	return fmt.Sprintf("%d (%s)", lost.Packets, formatPercent(float64(lost.Packets), float64(lost.Packets+received.Packets)))
}

// totalRows sums up each way that several flows used. The rate is that over
// the whole measurement, since not all flows need have been on at the same
// time.
func totalRows(report *active.Report, measured time.Duration) [][]string {
	var rows [][]string
	for _, outgoing := range bothWays {
		n, known := 0, true
		var counts, lost stats.Counts
		for _, flow := range report.Flows {
			d := direction(flow, outgoing)
			switch {
			case d.Idle:
				continue
			case d.Known:
				counts, lost = counts.Add(d.Received), lost.Add(d.Lost)
				known = known && !d.NoLoss
			default:
				counts, known = counts.Add(d.Sent), false
			}
			n++
		}
		if n > 1 {
			rows = append(rows, totalRow(outgoing, counts, lost, known, measured))
		}
	}
	return rows
}

func totalRow(outgoing bool, counts, lost stats.Counts, known bool, measured time.Duration) []string {
	row := make([]string, len(resultColumns))
	row[0], row[3] = "all", way(outgoing)
	rate := math.NaN()
	if measured > 0 {
		rate = float64(counts.Bytes) * 8 / measured.Seconds()
	}
	row[4], row[5] = formatRate(rate), formatBytes(counts.Bytes)
	row[6] = strconv.FormatUint(counts.Packets, 10)
	row[7] = strconv.FormatUint(counts.Frames, 10)
	row[8] = "unknown"
	if known {
		row[8] = formatLost(lost, counts)
	}
	return row
}
