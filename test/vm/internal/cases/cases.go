// Package cases is what a test outside of the virtual machine and the runner inside tell each other: gob values one
// after another over a virtual serial port, a Case in one direction and a Result in the other, in any order.
package cases

import "time"

// PortName is the name of the virtual serial port in the guest's /sys/class/virtio-ports.
const PortName = "cases"

// Ready is the ID of the first Result, which says that the runner is there.
const Ready = 0

// Case is a shell script to run in the virtual machine, in namespaces of its own: it sees no process and no network
// but its own, and when it ends, what it started ends.
type Case struct {
	ID     int
	Script string
	// Files are put into the script's working directory, which is empty otherwise.
	Files map[string][]byte
	Limit time.Duration // after which the script is killed
}

// Result is how a case ended.
type Result struct {
	ID       int
	Output   string // stdout and stderr; the middle of a long one is cut out
	Code     int    // exit status; -1: killed, or it could not be started
	TimedOut bool   // killed at its limit; Go programs have left their goroutines in Output
	Elapsed  time.Duration
	Files    map[string][]byte // the new files in the working directory, by their path in it
}
