//go:build linux

// Package endurance tries whether the passive side can be left alone, and whether the active side loses no result:
// measurements without end, peers that are killed, stopped, unplugged or that read nothing, full disks, limits, and
// clocks that are set.
//
// The tests wait for conditions, each with a bound that the manual gives; none is a bound on speed.
package endurance

import (
	"testing"

	"netperfmeter/test/lab"
)

func TestMain(m *testing.M) {
	lab.Main(m)
}
