//go:build linux

package ours

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const header = "AbsTime\tRelTime\tSeqNumber\tAbsBytes\tAbsPackets\tAbsFrames\tRelBytes\tRelPackets\tRelFrames\tDelay\tPrevPacketDelayDiff\tJitter\n"

func TestReadVector(t *testing.T) {
	line := func(number, seq string) string {
		return number + "\t1795216166706425\t0.000565\t" + seq + "\t156800\t784\t784\t200\t1\t1\t0.013\t-0.001\t0.017\n"
	}
	tests := []struct {
		name, text string
		want       Lines
		fails      string
	}{
		{"empty", header, Lines{Gapless: true, Forward: true}, ""},
		{"gapless", header + line("000001", "7") + line("000002", "8"), Lines{2, 8, true, true, 7}, ""},
		{"gap", header + line("000001", "0") + line("000002", "2"), Lines{2, 2, false, true, 0}, ""},
		{"back", header + line("000001", "5") + line("000002", "4"), Lines{2, 4, false, false, 5}, ""},
		{"blanks", header + strings.ReplaceAll(line("000001", "0"), "\t", "  "), Lines{1, 0, true, true, 0}, ""},
		{"no header", line("000001", "0"), Lines{}, "no header"},
		{"a line is missing", header + line("000002", "0"), Lines{}, "line 1: numbered 2"},
		{"a column is missing", header + "000001\t1\t2\t3\n", Lines{}, "4 columns instead of 13"},
		{"cut short", header + "000001\t17952", Lines{}, "EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "run.vec")
			if err := os.WriteFile(name, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := ReadVector(name)
			switch {
			case test.fails == "" && (err != nil || got != test.want):
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			case test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)):
				t.Errorf("got %v, want an error with %q", err, test.fails)
			}
		})
	}
}

func TestReadScalars(t *testing.T) {
	name := filepath.Join(t.TempDir(), "run.sca")
	text := `scalar "netPerfMeter.active.flow[3]" "First Transmission"        1000000
scalar "netPerfMeter.active.flow[3]" "Last Transmission"         3000000
scalar "netPerfMeter.active.flow[3]" "Transmitted Frames"        201
scalar "netPerfMeter.active.totalCPU" "Idle" 12.5
`
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := readScalars(name, "active")
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Rate(3, "Transmitted"); got != 100 {
		t.Errorf("the rate is %g, want 100", got)
	}
	if got := s["totalCPU"]["Idle"]; got != 12.5 {
		t.Errorf("Idle is %g, want 12.5", got)
	}
	if _, err := readScalars(name, "passive"); err == nil {
		t.Error("the active side's file was taken for the passive side's")
	}
}
