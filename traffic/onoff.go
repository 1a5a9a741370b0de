package traffic

import (
	"errors"
	"slices"
	"strings"

	"netperfmeter/wire"
)

const onOffForm = "<t1>,<t2>,...[,repeat], each time seconds or a distribution, with + in front if relative to the time before"

func setOnOff(s *FlowSpec, value string) error {
	words := strings.Split(value, ",")
	s.Repeat = len(words) > 1 && words[len(words)-1] == "repeat"
	if s.Repeat {
		words = words[:len(words)-1]
	}
	s.OnOff = nil
	for len(words) > 0 {
		n := min(eventWords(words[0]), len(words))
		text := strings.Join(words[:n], ",")
		e, expected := parseEvent(text)
		if expected != "" {
			return &SpecError{Part: "onoff " + entryName(len(s.OnOff), text), Expected: expected}
		}
		s.OnOff = append(s.OnOff, e)
		words = words[n:]
	}
	err := CheckEvents(s.OnOff, s.Repeat)
	var wrong *SpecError
	if errors.As(err, &wrong) {
		wrong.Part = "onoff " + wrong.Part
	}
	return err
}

// eventWords tells how many words between commas belong to the entry that
// begins with the given one: the distribution's name says how many numbers
// follow it, which commas part as well.
func eventWords(word string) int {
	word = strings.TrimPrefix(word, "+")
	for i := range forms {
		if strings.HasPrefix(word, forms[i].name) {
			return forms[i].parameters
		}
	}
	return 1
}

func parseEvent(text string) (e wire.Event, expected string) {
	text, e.Relative = strings.CutPrefix(text, "+")
	e.Time, expected = parseDistribution(text)
	if expected == rateForms {
		expected = onOffForm
	}
	return e, expected
}

func formatEvent(e wire.Event) string {
	text := FormatDistribution(e.Time)
	if e.Time.Kind == wire.Constant {
		text = formatNumber(e.Time.Values[0])
	}
	if e.Relative {
		text = "+" + text
	}
	return text
}

// formatOnOff writes a list as the onoff= option takes it.
func formatOnOff(events []wire.Event, repeat bool) string {
	words := make([]string, len(events), len(events)+1)
	for i, e := range events {
		words[i] = formatEvent(e)
	}
	if repeat {
		words = append(words, "repeat")
	}
	return strings.Join(words, ",")
}

// misplaced finds the first absolute time that is before one in front of it, as
// far as constants tell, and returns its index, or -1.
func misplaced(events []wire.Event) int {
	last := 0.0
	return slices.IndexFunc(events, func(e wire.Event) bool {
		if e.Time.Kind != wire.Constant {
			return false
		}
		at := e.Time.Values[0]
		if e.Relative {
			at += last
		}
		before := at < last
		last = max(last, at)
		return before
	})
}
