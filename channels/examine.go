package channels

// examination is one look at a connection.
type examination struct {
	protocol string      // in use
	mptcp    *MPTCPState // of a connection that was to be MPTCP
	sctp     *SCTPState  // of an SCTP association
	paths    []Path      // those that are there now, without Since, Until and Share
}

// examined is a Conn whose kernel has something to say. An error says that
// nothing could be learned at this moment, for instance since it is closed.
type examined interface {
	examine(x *examination) error
}

// wholePath is the path of a connection that has but one.
func wholePath(c Conn) Path {
	return Path{Local: c.LocalAddr().String(), Remote: c.RemoteAddr().String()}
}
