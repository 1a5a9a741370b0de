package channels

// Share returns a Conn that sends on c's association as well, with a write
// deadline of its own, so that one flow can be stopped while others send. Its
// CloseWrite takes effect when all that share the association have called it;
// its Close, when all have. Closing c itself closes all. Receiving, and the
// read deadline, remain one for all. A Conn of a transport without streams is
// returned as it is.
func Share(c Conn) Conn {
	if s, ok := c.(interface{ share() Conn }); ok {
		return s.share()
	}
	return c
}
