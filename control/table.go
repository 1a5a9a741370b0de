package control

import "netperfmeter/wire"

// State is where a control connection of the passive side stands.
type State int

// The states, in their order. With a key a connection begins locked.
const (
	Locked  State = iota // the key has not been proven
	Adding               // flows are added and identified
	Running              // between START and STOP
	Stopped              // results are fetched
	states
)

func (s State) String() string {
	return [...]string{"locked", "adding flows", "running", "stopped"}[s]
}

// Answer is what a message gets in a state.
type Answer int

// The answers.
const (
	Close  Answer = iota // the connection is closed, with all that belongs to it
	Refuse               // ACKNOWLEDGE with Status 1, nothing else happens
	Handle               // looked at further: the request itself may still be refused
)

func (a Answer) String() string {
	return [...]string{"closed", "refused", "looked at"}[a]
}

// answers is the passive side's table of state and message, PROTOCOL.md beside
// wire has it too. What is not in it closes the connection: an unknown type may
// be followed by anything.
var answers = map[wire.Type][states]Answer{
	//                     Locked  Adding  Running Stopped
	wire.TypeAddFlow:    {Refuse, Handle, Refuse, Refuse},
	wire.TypeRemoveFlow: {Refuse, Handle, Refuse, Handle},
	wire.TypeStart:      {Refuse, Handle, Refuse, Refuse},
	wire.TypeStop:       {Refuse, Refuse, Handle, Refuse},
	wire.TypeExtension:  {Handle, Handle, Handle, Handle},
}

// AnswerTo looks a message on a control connection up in the table.
func AnswerTo(state State, message wire.Type) Answer {
	return answers[message][state]
}

// DataState is where a data connection of the passive side, or a stream of
// one, stands.
type DataState int

// The states of a data connection.
const (
	Unidentified DataState = iota
	Identified
	dataStates
)

func (s DataState) String() string {
	return [...]string{"unidentified", "identified"}[s]
}

// dataAnswers is the table of data connections. Over UDP what would be closed
// is dropped: anyone can send there.
var dataAnswers = map[wire.Type][dataStates]Answer{
	//                   Unidentified Identified
	wire.TypeIdentify: {Handle, Handle},
	wire.TypeData:     {Close, Handle},
}

// DataAnswerTo looks a message on a data connection up in the table. An
// IDENTIFY_FLOW that is looked at on an identified one is ignored if it names
// the same flow, and closes if it names another one.
func DataAnswerTo(state DataState, message wire.Type) Answer {
	return dataAnswers[message][state]
}
