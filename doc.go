// Package netperfmeter is the root of NetPerfMeter in Go. It has no code: the
// program is in cmd/netperfmeter, the two ends of a measurement are in active
// and passive, and a test here holds all packages to the architecture.
package netperfmeter
