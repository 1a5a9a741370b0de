//go:build !linux

package sys

// PrepareThread does nothing here: there is no timer slack, and priorities
// belong to the whole process.
func PrepareThread() (restore func(), err error) { return func() {}, nil }

// LowPriority does nothing here: priorities belong to the whole process.
func LowPriority() error { return nil }
