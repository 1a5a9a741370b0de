//go:build linux

package main

import (
	"strings"
	"testing"

	"netperfmeter/bench/internal/lab"
)

func TestCompare(t *testing.T) {
	all := results{
		"ours tcp 1400":         {{bits: 50e9, cpu: 0.2}, {bits: 60e9, cpu: 0.3}, {bits: 55e9, cpu: 0.25}},
		"ours tcp 1400 vectors": {{bits: 44e9, lines: 380e3}},
		"tcp 131072 iperf3":     {{bits: 40e9, cpu: 0.5}},
		"tcp 1400 nuttcp":       {{bits: 44e9, cpu: 0.1}},
		"mptcp 1400 iperf3":     {{bits: 99e9}},
		"ours memory":           {{peak: 200}},
	}
	tests := []struct{ row, want string }{
		{"tcp1400", "tcp 1400 nuttcp | 44 G | 1.25 | &ge; 1 | met |"},
		{"cpu1400", "tcp 131072 iperf3 | 0.5 | 0.50 | &le; 1 | met |"},
		{"vectors1400", "ours tcp 1400 | 55 G (50 G to 60 G) | 0.80 | &ge; 0.9 | **missed** |"},
		{"lines", "| 95 k | 4.00 | &ge; 3 | met |"},
		{"memory", "| 128 | 1.56 | &le; 1 | **missed** |"},
		{"udp200", "not measured |"},
	}
	for _, test := range tests {
		chosen, err := chooseRows(test.row)
		if err != nil {
			t.Fatal(err)
		}
		table := lab.Table{}
		chosen[0].compare(&table, all)
		var text strings.Builder
		if err := table.Write(&text); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), test.want) {
			t.Errorf("%s is\n%s, want %q in it", test.row, text.String(), test.want)
		}
	}
	if _, err := chooseRows("tcp1400,nonsense"); err == nil {
		t.Error("an unknown row was taken")
	}
}
