//go:build linux

// Package endurance tries whether the passive side can be left alone, and whether the active side loses no result:
// measurements without end, peers that are killed, stopped, unplugged or that read nothing, full disks, limits, and
// clocks that are set.
//
// The tests wait for conditions, each with a bound that the manual gives; none is a bound on speed.
package endurance

import (
	"flag"
	"testing"

	"netperfmeter/test/lab"
)

// beside is how many tests run at a time: what they do is mostly waiting.
const beside = "16"

func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", beside); err != nil {
		panic(err) // it is a flag of every test
	}
	lab.Main(m)
}
