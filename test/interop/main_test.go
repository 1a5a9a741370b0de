//go:build linux

// Package interop runs the program against others: the reference of Debian in
// both roles, a scripted peer that behaves like its 2.0.x, and the tools that
// people feed result files to.
//
// A reference stops counting in the middle of what is in flight and does not
// read on after STOP; so what we send it near the end is compared with bounds,
// and all that it sends us exactly.
package interop

import (
	"testing"

	"netperfmeter/test/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }
