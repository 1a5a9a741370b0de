package stats

import (
	"strings"
	"unicode"
)

// cleanDescription makes a text fit for double quotes in a vector file, where
// nothing can be escaped: readers split lines at tabs and blanks outside
// quotes, and GNU R takes a backslash before a quote for an escape.
func cleanDescription(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r == '\\':
			return '/'
		case isControl(r):
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// cleanAssignment makes a text fit for double quotes in a file that shells and
// GNU R both source: whatever could end the quotes or start an expansion in
// either is replaced. An escape for `$` that serves both does not exist.
func cleanAssignment(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '$' || r == '`' {
			return '_'
		}
		return r
	}, cleanDescription(s))
}

// isControl also holds for the separators that some readers take for the end
// of a line.
func isControl(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
}
