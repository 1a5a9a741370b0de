package wire

import "fmt"

// Error says what is wrong with a message, one that came in or one that was to
// be built. Every parser's error is one of these.
type Error struct {
	Message Type
	Field   string // the field's name in the layout, or "header"
	Problem string // what the field is and what was expected instead
}

func (e *Error) Error() string {
	return e.Message.String() + ": " + e.Field + " " + e.Problem
}

// problem builds an Error; it is for the cold paths, since it formats.
func problem(t Type, field, format string, args ...any) error {
	return &Error{Message: t, Field: field, Problem: fmt.Sprintf(format, args...)}
}
