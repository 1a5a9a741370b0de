// Package sys gives what the operating system has beyond Go's standard
// library and a measurement needs: a precise absolute sleep, the two clocks,
// the priority of threads, temporary files without a name, limits, and the
// CPU's time accounts.
//
// It knows nothing of networks and protocols, starts no goroutines and keeps
// no memory of its callers. Linux has the full set; elsewhere the nearest
// portable thing is done, or errors.ErrUnsupported returned where there is
// none.
package sys
