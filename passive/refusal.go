package passive

import (
	"errors"
	"os"

	"netperfmeter/control"
	"netperfmeter/wire"
)

// Refusal is why something was refused, in one of a few words: what a log line
// says in full.
type Refusal string

// The reasons.
const (
	Malformed          Refusal = "malformed"            // a message that cannot be read, or of no use on its channel
	OutOfOrder         Refusal = "out_of_order"         // a message that does not belong into the state
	ImplausibleFlow    Refusal = "implausible_flow"     // a rate, size, list or buffer beyond what can be
	TransportNotServed Refusal = "transport_not_served" // by this instance
	DuplicateFlow      Refusal = "duplicate_flow"       // its key is taken
	UnknownFlow        Refusal = "unknown_flow"         // or measurement, on this control channel
	SocketNotSetUp     Refusal = "socket"               // a buffer size or congestion control that the kernel refuses
	NoRoom             Refusal = "no_room"              // no temporary file for results
	ThirdParty         Refusal = "third_party"          // UDP from another address than the control channel's
	Silent             Refusal = "silent"               // a data connection that does not identify itself
	Limited            Refusal = "limit"                // beyond what --limit grants
	NotAdmitted        Refusal = "address"              // not from where --allow and --deny let clients be
	Unproven           Refusal = "key"                  // the client has not proven to know the key
	Other              Refusal = "other"
)

// Refusals lists the reasons.
func Refusals() []Refusal {
	return []Refusal{Malformed, OutOfOrder, ImplausibleFlow, TransportNotServed, DuplicateFlow, UnknownFlow,
		SocketNotSetUp, NoRoom, ThirdParty, Silent, Limited, NotAdmitted, Unproven, Other}
}

// refusal is an error with its reason in a word.
type refusal struct {
	reason Refusal
	error
}

func (r refusal) Unwrap() error { return r.error }

// because gives an error its reason in a word.
func because(reason Refusal, err error) error { return refusal{reason, err} }

// refusalOf finds the reason of an error.
func refusalOf(err error) Refusal {
	var r refusal
	var bad *wire.Error
	var limit *LimitError
	switch {
	case errors.As(err, &r):
		return r.reason
	case errors.As(err, &limit):
		return limit.refusal()
	case errors.As(err, &bad), errors.Is(err, control.ErrProtocol):
		return Malformed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Silent
	}
	return Other
}
