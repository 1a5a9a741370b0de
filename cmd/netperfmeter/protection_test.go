package main

import (
	"fmt"
	"strings"
	"testing"

	"netperfmeter/passive"
)

func TestLimits(t *testing.T) {
	line, err := parseCommandLine([]string{"9000", "--limit", "flows=100", "--limit=udp-rate=20M", "-limit", "runtime=none", "--limit", "buffer=3k"})
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[passive.Limit]int64{
		passive.MaxFlows: 100, passive.MaxUDPRate: 20_000_000, passive.MaxRuntime: passive.NoLimit, passive.MaxBuffer: 3000, passive.MaxMemory: 0,
	} {
		if got := line.limits[limit]; got != want {
			t.Errorf("%s: %d instead of %d", passive.LimitTable()[limit].Name, got, want)
		}
	}
	for _, info := range passive.LimitTable() {
		if info.Default == 0 {
			continue
		}
		if got, err := parseLimit(formatLimit(info.Default)); err != nil || got != info.Default {
			t.Errorf("%s: %d is written as %s, which is read as %d, %v", info.Name, info.Default, formatLimit(info.Default), got, err)
		}
	}
}

func TestLimitMistakes(t *testing.T) {
	for value, want := range map[string]string{
		"flows":                      "expects NAME=VALUE",
		"flow=1":                     "there is no limit \"flow\"; there are measurements,",
		"flows=":                     "limit flows: \"\": expected a number of 1 or more",
		"flows=0":                    "limit flows: \"0\": expected",
		"flows=-1":                   "limit flows: \"-1\": expected",
		"flows=+1":                   "limit flows: \"+1\": expected",
		"flows=1K":                   "limit flows: \"1K\": expected",
		"results=9999999999999T":     "limit results:",
		"flows=1e3":                  "limit flows:",
		"flows=99999999999999999999": "limit flows:",
	} {
		_, err := parseCommandLine([]string{"9000", "--limit", value})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", value, err)
		}
	}
}

func TestNetworks(t *testing.T) {
	line, err := parseCommandLine([]string{"9000", "--allow", "10.0.0.0/8,2001:db8::/32", "--allow", "192.0.2.1", "--deny=10.1.0.0/16", "--deny", "::1"})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(line.allow, line.deny); got != "[10.0.0.0/8 2001:db8::/32 192.0.2.1/32] [10.1.0.0/16 ::1/128]" {
		t.Error(got)
	}
	for value, want := range map[string]string{
		"10.0.0.0/33":     "expects networks",
		"host":            "expects networks",
		"fe80::1%eth0":    "expects networks",
		"10.1.2.3/8":      "meant is 10.0.0.0/8?",
		"::ffff:10.0.0.1": "write an IPv4 network as one",
		"":                "expects networks",
	} {
		if _, err := parseCommandLine([]string{"9000", "--deny", value}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", value, err)
		}
	}
}
