package sys

import (
	"testing"

	"golang.org/x/sys/unix"
)

// SleepUntil hands Monotonic instants to the kernel: they must be the kernel's.
func TestMonotonicIsTheKernels(t *testing.T) {
	const tolerance = 10_000 // ns, for the offset found at the start
	before := Monotonic()
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		t.Fatal(err)
	}
	after := Monotonic()
	if k := ts.Nano(); k < before-tolerance || k > after+tolerance {
		t.Errorf("CLOCK_MONOTONIC = %d is not within %d..%d", k, before, after)
	}
}
