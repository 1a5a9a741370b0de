package channels

// Delivery is how SCTP is to deliver a message; other transports ignore it.
type Delivery uint8

// These can be combined.
const (
	Unordered  Delivery = 1 << iota // it does not wait for the ones before it
	Unreliable                      // it is given up at its batch's Limit
)

// Limit ends the attempts to deliver a message: the sender's kernel gives it
// up and tells the receiver to go on without it (PR-SCTP, RFC 3758 and 7496).
// The zero value is no limit.
type Limit struct {
	Kind  LimitKind
	Value uint32 // milliseconds, or how often a message is sent again
}

// LimitKind is what a Limit counts.
type LimitKind uint8

// The kinds of a Limit.
const (
	NoLimit LimitKind = iota
	Lifetime
	Retransmissions
)
