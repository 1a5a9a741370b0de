package main

import (
	"fmt"
	"strings"
	"time"

	"netperfmeter/active"
	"netperfmeter/flow"
)

// displays tells whether there is a live status: where it was not asked for,
// only on a terminal.
func displays(mode displayMode, terminal bool) bool {
	return mode == displayOn || mode == displayAuto && terminal
}

// statusLine is the live status: one line that fits 80 columns. What matters
// most stands in front, since a narrower terminal cuts off the rest.
func statusLine(p active.Progress) string {
	if p.Phase == active.SettingUp || p.Phase == active.Collecting {
		return fmt.Sprintf("%s, %s%s", p.Phase, countFlows(p.Flows), writingStatus(p.Writing))
	}
	parts := []string{formatSeconds(p.Elapsed.Seconds())}
	if p.Remaining >= 0 {
		parts = append(parts, formatSeconds(p.Remaining.Seconds())+" left")
	}
	if p.Flows > 0 {
		parts = append(parts, countFlows(p.Flows))
	}
	parts = append(parts,
		"out "+shortRate(p.SendRate),
		"in "+shortRate(p.ReceiveRate),
		"lost "+formatPercent(float64(p.Lost.Packets), float64(p.Lost.Packets+p.Received.Packets)),
		fmt.Sprintf("CPU %.0f %%", p.CPU))
	return strings.Join(parts, ", ")
}

// writingStatus is how far this side's vectors are, if they take a while.
func writingStatus(w flow.Writing) string {
	if w.Written >= w.Total {
		return ""
	}
	text := fmt.Sprintf(", vectors %d %% written", 100*w.Written/w.Total)
	if w.Left >= 0 {
		text += fmt.Sprintf(", about %s left", formatSeconds(w.Left.Seconds()))
	}
	return text
}

func countFlows(n int) string {
	if n == 1 {
		return "1 flow"
	}
	return fmt.Sprintf("%d flows", n)
}

// staleAfter is how long the passive side's status stays without news: then
// its measurement has ended, which it does not hear of.
const staleAfter = 5 * time.Second

// passiveProgress gives what shows the progress of the passive side's
// measurements; of several at the same time, in turn.
func passiveProgress(s *screen) func(flow.Progress) {
	stale := time.AfterFunc(staleAfter, s.clear)
	return func(p flow.Progress) {
		s.show(statusLine(active.Progress{Elapsed: p.Elapsed, Remaining: -1, Progress: p}))
		stale.Reset(staleAfter)
	}
}
