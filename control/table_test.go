package control

import (
	"os"
	"strings"
	"testing"

	"netperfmeter/wire"
)

// documented reads a table of PROTOCOL.md: the answers by message and state.
func documented(t *testing.T, title string) (columns []string, rows map[string][]string) {
	t.Helper()
	text, err := os.ReadFile("../wire/PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(text), "| "+title+" |")
	if !found {
		t.Fatalf("PROTOCOL.md has no table %q", title)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	cells := func(line string) (c []string) {
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			c = append(c, strings.TrimSpace(cell))
		}
		return c
	}
	lines := strings.Split(table, "\n")
	rows = make(map[string][]string)
	for _, line := range lines[2:] {
		row := cells(line)
		rows[row[0]] = row[1:]
	}
	return cells(lines[0]), rows
}

// TestDocumentedAnswers compares the tables with those of the document, for
// every type that there can be.
func TestDocumentedAnswers(t *testing.T) {
	compare := func(title string, states []string, answer func(state int, message wire.Type) Answer) {
		columns, rows := documented(t, title)
		if strings.Join(columns, ", ") != strings.Join(states, ", ") {
			t.Errorf("%s: the document has %q, the program %q", title, columns, states)
			return
		}
		seen := 0
		for kind := range 256 {
			message := wire.Type(kind)
			row, listed := rows[message.String()]
			if listed {
				seen++
			} else {
				row = rows["any other"]
			}
			for state := range states {
				if got := answer(state, message); got.String() != row[state] {
					t.Errorf("%s, %v, %s: the document says %s, the program %v", title, message, states[state], row[state], got)
				}
			}
		}
		if seen != len(rows)-1 {
			t.Errorf("%s: the document has %d messages, of which there are %d", title, len(rows)-1, seen)
		}
	}
	var names []string
	for state := range states {
		names = append(names, state.String())
	}
	compare("on a control connection", names, func(state int, message wire.Type) Answer { return AnswerTo(State(state), message) })
	names = nil
	for state := range dataStates {
		names = append(names, state.String())
	}
	compare("on a data connection", names, func(state int, message wire.Type) Answer { return DataAnswerTo(DataState(state), message) })
}
