package control

import "netperfmeter/wire"

// State is where a control connection of the passive side stands.
type State int

// The states, in their order.
const (
	Adding  State = iota // flows are added and identified
	Running              // between START and STOP
	Stopped              // results are fetched
)

func (s State) String() string {
	return [...]string{"adding flows", "running", "stopped"}[s]
}

// Answer is what a message gets in a state.
type Answer int

// The answers.
const (
	Close  Answer = iota // the control connection is closed, with all that belongs to it
	Refuse               // ACKNOWLEDGE with Status 1, nothing else happens
	Handle               // looked at further: the request itself may still be refused
)

// answers is the passive side's table of state and message. What is not in it
// closes the connection: an unknown type may be followed by anything.
var answers = map[wire.Type][3]Answer{
	//                     Adding  Running Stopped
	wire.TypeAddFlow:    {Handle, Refuse, Refuse},
	wire.TypeRemoveFlow: {Handle, Refuse, Handle},
	wire.TypeStart:      {Handle, Refuse, Refuse},
	wire.TypeStop:       {Refuse, Handle, Refuse},
	wire.TypeExtension:  {Handle, Handle, Handle},
}

// AnswerTo looks a message up in the table. IDENTIFY_FLOW and DATA belong on
// data channels: there, DATA before IDENTIFY_FLOW and an IDENTIFY_FLOW of an
// unknown flow close the connection (over UDP: are dropped), a second
// IDENTIFY_FLOW of the same flow is ignored, and anything else closes.
func AnswerTo(state State, message wire.Type) Answer {
	return answers[message][state]
}
