//go:build !linux

package channels

// plainArrivals is for MPTCP, which is not here.
type plainArrivals struct{}

func (p *plainArrivals) asked(*stream) bool { return false }
