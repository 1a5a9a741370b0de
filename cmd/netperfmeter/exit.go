package main

import (
	"errors"
	"fmt"
	"strings"

	"netperfmeter/active"
	"netperfmeter/channels"
)

// Exit statuses.
const (
	exitOkay        = 0
	exitUsage       = 1 // the command line is wrong, or the program could not start
	exitUnreachable = 2 // the peer was not reached, or the control channel was lost
	exitRefused     = 3 // a flow was refused, or a transport is not available
	exitRequirement = 4 // a requirement is not met
	exitAborted     = 5 // a flow aborted
	exitResults     = 6 // results are incomplete or could not be written
	exitInterrupted = 130
)

// errInterrupted says that a signal came before the time that --runtime planned.
var errInterrupted = errors.New("interrupted")

// statuses is the one place from an error to an exit status: the first row
// that is in the chain of the error counts.
var statuses = []struct {
	is     error
	status int
}{
	{active.ErrUnreachable, exitUnreachable},
	{active.ErrRequirement, exitRequirement},
	{active.ErrRefused, exitRefused},
	{active.ErrAborted, exitAborted},
	{active.ErrResults, exitResults},
	{channels.ErrUnsupported, exitRefused},
	{channels.ErrMPTCPDisabled, exitRefused},
	{errInterrupted, exitInterrupted},
}

// exitStatus gives the status for the error that ended the program, nil for
// none.
func exitStatus(err error) int {
	if err == nil {
		return exitOkay
	}
	for _, row := range statuses {
		if errors.Is(err, row.is) {
			return row.status
		}
	}
	return exitUsage
}

// unavailablef is an error about what this program does not have.
func unavailablef(format string, args ...any) error {
	return &startError{fmt.Sprintf(format, args...), active.ErrRefused}
}

// unreachablef is an error about the peer's name.
func unreachablef(format string, args ...any) error {
	return &startError{fmt.Sprintf(format, args...), active.ErrUnreachable}
}

// startError has a text of its own beside the sentinel that decides the exit
// status.
type startError struct {
	text     string
	sentinel error
}

func (e *startError) Error() string { return e.text }
func (e *startError) Unwrap() error { return e.sentinel }

// reason is the last line on stderr. Joined errors stand on lines of their own
// in their text.
func reason(err error) string {
	return "netperfmeter: " + message(err)
}

// message is the text of an error in one line.
func message(err error) string {
	return printable(strings.ReplaceAll(err.Error(), "\n", "; "))
}
