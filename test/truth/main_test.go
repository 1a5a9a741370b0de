//go:build linux

// Package truth holds what the program says about its transports against what
// the test has done to them: boxes that remove MPTCP's option, hosts without
// MPTCP, proxies, paths that come and go, interfaces' counters, and ss(8).
package truth

import (
	"flag"
	"testing"

	"netperfmeter/test/lab"
)

func TestMain(m *testing.M) {
	flag.Parse()
	flag.Set("test.parallel", "5") // they mostly wait
	lab.Main(m)
}
