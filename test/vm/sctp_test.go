//go:build linux

package vm

import (
	"strings"
	"testing"
	"time"
)

// testSCTPChannels runs the tests of package channels that need SCTP in the kernel. On a loopback interface of 65536
// bytes SCTP waits for a delayed acknowledgement after every packet.
func testSCTPChannels(t *testing.T, m *Machine) {
	r := m.Run(t, Case{Limit: 5 * time.Minute, Script: `ip link set lo mtu 1500
		channels.test -test.v -test.run 'SCTP'`})
	r.Okay(t)
	if !strings.Contains(r.Output, "--- PASS: TestSCTPKeepsTheContract") || strings.Count(r.Output, "--- SKIP") != 1 {
		t.Error(r.All())
	}
}
