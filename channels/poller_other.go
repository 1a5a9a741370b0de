//go:build !linux

package channels

import "fmt"

// A Poller receives for many connections in one goroutine. There is none here:
// each connection has a goroutine of its own.
type Poller struct{}

// NewPoller returns ErrUnsupported.
func NewPoller() (*Poller, error) {
	return nil, fmt.Errorf("waiting for many connections at once: %w", ErrUnsupported)
}

// Close has nothing to do.
func (*Poller) Close() {}

// Adopt leaves the connection as it is.
func Adopt(Conn, *Poller) error { return nil }

// Adopt leaves the socket as it is.
func (*UDPSocket) Adopt(*Poller) error { return nil }

// polledSocket has no values here.
type polledSocket struct{}

func (*polledSocket) serveReads(server) error {
	return ErrUnsupported
}
