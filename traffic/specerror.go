package traffic

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// SpecError says what is wrong with a FLOWSPEC or with a value of one, in one
// line.
type SpecError struct {
	Flow     string // the flow as typed, e.g. `-tcp const10:bad`; "" if only a value was given
	Part     string // the part of it that is wrong, e.g. `outgoing size "bad"`
	Expected string // what would have been right
}

func (e *SpecError) Error() string {
	text := e.Part + ": expected " + e.Expected
	if e.Flow != "" {
		text = e.Flow + ": " + text
	}
	return text
}

// oneLine keeps a line break or an escape sequence that somebody typed (or
// pasted) out of messages.
func oneLine(text string) string {
	notPrintable := func(r rune) bool { return !strconv.IsPrint(r) }
	if strings.ContainsFunc(text, notPrintable) || !utf8.ValidString(text) {
		return strconv.Quote(text)
	}
	return text
}
