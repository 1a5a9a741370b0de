//go:build linux

package main

import (
	"fmt"
	"math"
	"strings"

	"netperfmeter/bench/internal/lab"
)

// metric is what a run yields.
type metric string

const (
	bits      metric = "bit/s"       // received payload
	datagrams metric = "datagrams/s" // received
	cpu       metric = "CPU-s/GB"    // both ends
	lines     metric = "lines/s"     // vector lines written
	peak      metric = "MB"          // most memory of the receiver
	growth    metric = "growth"      // its memory at the end of the run over that in its middle
)

// sample is one run's values.
type sample map[metric]float64

func (s sample) String() string {
	var parts []string
	for _, m := range []metric{bits, datagrams, cpu, lines, peak, growth} {
		if v, ok := s[m]; ok {
			parts = append(parts, lab.Short(v)+" "+string(m))
		}
	}
	return strings.Join(parts, ", ")
}

// results are the samples by contestant.
type results map[string][]sample

// values returns one metric of a contestant's runs.
func (r results) values(name string, m metric) []float64 {
	var list []float64
	for _, s := range r[name] {
		if v, ok := s[m]; ok {
			list = append(list, v)
		}
	}
	return list
}

// row is one bar: a metric of one of our contestants against others, of which the
// best counts, or against a fixed figure.
type row struct {
	name    string
	title   string
	metric  metric
	ours    string
	against []string // prefixes of contestants' names; the best median counts
	fixed   float64  // if nothing of against is there
	source  string   // of fixed
	bar     float64
	below   bool // the bar is an upper one
}

const referenceRate = 95e3 // lines/s with bzip2, seen on 2.0.10

// table returns all rows in the order of the report.
func table() []row {
	return []row{
		{name: "tcp1400", title: "TCP, frames of 1400 B", metric: bits, ours: "ours tcp 1400", against: []string{"tcp "}, bar: 1},
		{name: "tcp16000", title: "TCP, frames of 16000 B", metric: bits, ours: "ours tcp 16000", against: []string{"tcp "}, bar: 1},
		{name: "mptcp1400", title: "MPTCP, frames of 1400 B", metric: bits, ours: "ours mptcp 1400", against: []string{"mptcp "}, bar: 1},
		{name: "cpu1400", title: "TCP, frames of 1400 B, both ends", metric: cpu, ours: "ours tcp 1400",
			against: []string{"tcp 131072 iperf3"}, bar: 1, below: true},
		{name: "vectors16000", title: "TCP, 16000 B, bzip2 vectors against none", metric: bits, ours: "ours tcp 16000 vectors",
			against: []string{"ours tcp 16000"}, bar: 0.9},
		{name: "vectors1400", title: "TCP, 1400 B, bzip2 vectors against none", metric: bits, ours: "ours tcp 1400 vectors",
			against: []string{"ours tcp 1400"}, bar: 0.9},
		{name: "lines", title: "Vector lines written after the run, bzip2", metric: lines, ours: "ours tcp 1400 vectors",
			against: []string{"reference tcp 1400 vectors"}, fixed: referenceRate, source: "reference 2.0.10, another machine", bar: 3},
		{name: "udp1400", title: "UDP, 1400 B", metric: datagrams, ours: "ours udp 1400", against: []string{"udp 1400 "}, bar: 4},
		{name: "udp200", title: "UDP, 200 B", metric: datagrams, ours: "ours udp 200", against: []string{"udp 200 "}, bar: 4},
		{name: "memory", title: "Receiver's peak memory, 20 s of TCP, 16000 B, bzip2 vectors", metric: peak, ours: "ours memory",
			fixed: 128, source: "the bar", bar: 1, below: true},
	}
}

func rowNames() []string {
	var names []string
	for _, r := range table() {
		names = append(names, r.name)
	}
	return names
}

// chooseRows returns the rows named in a comma-separated list, all for an empty one.
func chooseRows(list string) ([]row, error) {
	if list == "" {
		return table(), nil
	}
	var chosen []row
next:
	for _, name := range strings.Split(list, ",") {
		for _, r := range table() {
			if r.name == name {
				chosen = append(chosen, r)
				continue next
			}
		}
		return nil, fmt.Errorf("-rows: there is no %q, only %s", name, strings.Join(rowNames(), ", "))
	}
	return chosen, nil
}

// wants tells whether the row needs the contestant.
func (r row) wants(contestant string) bool {
	return contestant == r.ours || r.isAgainst(contestant)
}

// isAgainst tells whether a contestant is one that ours is compared with in this
// row. A prefix that ends with a blank stands for many, another one for itself.
func (r row) isAgainst(contestant string) bool {
	for _, prefix := range r.against {
		many := strings.HasSuffix(prefix, " ")
		if contestant == prefix || many && strings.HasPrefix(contestant, prefix) {
			return true
		}
	}
	return false
}

// compare adds the row to the table of bars.
func (r row) compare(t *lab.Table, all results) {
	mine := all.values(r.ours, r.metric)
	best, name := []float64(nil), ""
	for other := range all {
		values := all.values(other, r.metric)
		if !r.isAgainst(other) || len(values) == 0 {
			continue
		}
		if name == "" || (lab.Median(values) > lab.Median(best)) != r.below {
			best, name = values, other
		}
	}
	if name == "" && r.fixed > 0 {
		best, name = []float64{r.fixed}, r.source
	}
	ratio := lab.Median(mine) / lab.Median(best)
	met, sign := ratio >= r.bar, "&ge;"
	if r.below {
		met, sign = ratio <= r.bar, "&le;"
	}
	verdict := "met"
	switch {
	case math.IsNaN(ratio):
		verdict = "not measured"
	case !met:
		verdict = "**missed**"
	}
	t.Add(fmt.Sprintf("%s [%s]", r.title, r.metric), lab.Spread(mine), name, lab.Spread(best),
		fmt.Sprintf("%.2f", ratio), fmt.Sprintf("%s %.3g", sign, r.bar), verdict)
}

// everything returns a table of all contestants' medians.
func everything(list []contestant, all results) *lab.Table {
	t := &lab.Table{Title: "All contestants", Header: []string{"contestant", "runs", "bit/s", "datagrams/s", "CPU-s/GB", "lines/s", "peak MB", "growth"}}
	for _, c := range list {
		cells := []any{c.name, len(all[c.name])}
		for _, m := range []metric{bits, datagrams, cpu, lines, peak, growth} {
			cells = append(cells, lab.Spread(all.values(c.name, m)))
		}
		t.Add(cells...)
	}
	return t
}
