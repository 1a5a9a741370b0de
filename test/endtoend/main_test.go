//go:build linux

// Package endtoend runs the program against itself, the way users do: both
// sides as processes in network namespaces, judged by the files that they
// leave, their output and their exit status.
//
// What is compared are counts, which agree to the byte on a slow machine as on
// a fast one; nothing here is a bound on speed, but for the times that the
// tests name.
package endtoend

import (
	"testing"

	"netperfmeter/test/lab"
)

func TestMain(m *testing.M) { lab.Main(m) }
