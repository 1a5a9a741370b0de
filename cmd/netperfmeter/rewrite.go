package main

import (
	"fmt"
	"strings"
)

// wordSeparator joins the words of an option that takes several of them into
// one value. No word of a command line can contain it.
const wordSeparator = "\x00"

// rewrite brings a command line into the one form that pflag reads as it is
// meant: every option as --name or --name=value, in their order, then "--",
// then all other words. pflag alone would take -scalar=x for a cluster of
// short options, and knows no abbreviations.
//
// A word after one dash is an exact long name, else an unambiguous
// abbreviation of one, else a cluster of short options, the last of which may
// have its value attached; a single letter is a short option first.
func rewrite(table []option, args []string) ([]string, error) {
	var options, words []string
	for len(args) > 0 {
		word := args[0]
		args = args[1:]
		if word == "--" {
			words = append(words, args...)
			break
		}
		if !startsWithDash(word) {
			words = append(words, word)
			continue
		}
		found, err := lookUp(table, word)
		if err != nil {
			return nil, err
		}
		for _, use := range found {
			text, taken, err := use.canonical(table, args)
			if err != nil {
				return nil, err
			}
			options = append(options, text)
			args = args[taken:]
		}
	}
	return append(append(options, "--"), words...), nil
}

// startsWithDash tells an option from other words; a lone dash is none.
func startsWithDash(word string) bool { return len(word) > 1 && word[0] == '-' }

// optionUse is an option as it occurs on the command line.
type optionUse struct {
	option   *option
	value    string
	hasValue bool // a value is attached, with or without "="
}

// lookUp finds the option, or in a cluster the options, that a word names.
func lookUp(table []option, word string) ([]optionUse, error) {
	text, long := strings.CutPrefix(word, "--")
	if !long {
		text = word[1:]
	}
	name, value, hasValue := strings.Cut(text, "=")
	if o := findLong(table, name); o != nil {
		return []optionUse{{o, value, hasValue}}, nil
	}
	if !long && len(name) == 1 {
		if o := findShort(table, name); o != nil {
			return []optionUse{{o, value, hasValue}}, nil
		}
	}
	switch candidates := findPrefix(table, name); {
	case len(candidates) == 1:
		return []optionUse{{candidates[0], value, hasValue}}, nil
	case len(candidates) > 1:
		return nil, ambiguous(word, candidates)
	}
	if long {
		return nil, usagef("unknown option %q", word)
	}
	return cluster(table, word)
}

// cluster takes a word apart into short options: letters without a value, then
// possibly one whose value is the rest of the word.
func cluster(table []option, word string) ([]optionUse, error) {
	var uses []optionUse
	for rest := word[1:]; rest != ""; {
		o := findShort(table, rest[:1])
		rest = rest[1:]
		if o == nil || !mayFollow(o, rest) {
			return nil, usagef("unknown option %q", word)
		}
		if o.argument == noArgument {
			uses = append(uses, optionUse{option: o})
			continue
		}
		return append(uses, optionUse{o, strings.TrimPrefix(rest, "="), rest != ""}), nil
	}
	return uses, nil
}

// mayFollow keeps a mistyped long option, -scaler=x, from being taken for
// -s with a strange FLOWSPEC: those are recognised by how they begin.
func mayFollow(o *option, attached string) bool {
	if o.value != flowspecValue || attached == "" || attached[0] == '=' {
		return true
	}
	if attached[0] >= '0' && attached[0] <= '9' || attached[0] == '.' {
		return true
	}
	for _, begin := range []string{"default", "const", "uniform", "exp", "pareto", "normal", "truncnormal", "poisson"} {
		if strings.HasPrefix(attached, begin) {
			return true
		}
	}
	return false
}

// canonical writes the option out, with its value, for which it may take some
// of the words that follow.
func (u optionUse) canonical(table []option, following []string) (text string, taken int, err error) {
	o := u.option
	if o.argument == noArgument {
		if u.hasValue {
			return "", 0, usagef("option %s takes no value, but has %q", o.name(), u.value)
		}
		return "--" + o.long, 0, nil
	}
	if !u.hasValue {
		if len(following) == 0 {
			return "", 0, usagef("option %s expects %s, but nothing follows it", o.name(), o.expects)
		}
		if isOption(table, following[0]) {
			return "", 0, usagef("option %s expects %s, but the option %q follows it", o.name(), o.expects, following[0])
		}
		u.value, taken = following[0], 1
	}
	text = "--" + o.long + "=" + u.value
	if o.argument == manyArguments {
		for _, word := range following[taken:] {
			if strings.HasPrefix(word, "-") {
				break
			}
			text += wordSeparator + word
			taken++
		}
	}
	return text, taken, nil
}

// isOption tells whether a word would be taken for an option; one that starts
// with a dash otherwise, -5 for instance, may be a value.
func isOption(table []option, word string) bool {
	if word == "--" {
		return true
	}
	if !startsWithDash(word) {
		return false
	}
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	if len(findPrefix(table, name)) > 0 || findLong(table, name) != nil {
		return true
	}
	_, err := lookUp(table, word)
	return err == nil
}

func ambiguous(word string, candidates []*option) error {
	var names []string
	for _, o := range candidates {
		names = append(names, "--"+o.long)
	}
	return usagef("option %q is ambiguous: %s", word, strings.Join(names, ", "))
}

// usageError is a mistake on the command line: nothing has been started.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}
