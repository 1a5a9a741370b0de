//go:build linux

package vm

import (
	"strings"
	"testing"
)

// testDCCPChannels runs the tests of channels that need DCCP.
func testDCCPChannels(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Script: "channels.test -test.v -test.run 'DCCP|CCID'"})
	r.Okay(t)
	for _, name := range []string{"TestDCCPKeepsTheContract", "TestDCCPEnd", "TestDCCPMessageSize", "TestCCID"} {
		if !strings.Contains(r.Output, "--- PASS: "+name+" ") {
			t.Errorf("%s did not pass\n%s", name, r.All())
		}
	}
}
