package main

import "strings"

// argument says what follows an option on the command line.
type argument int

const (
	noArgument    argument = iota
	oneArgument            // a value, after "=" or as the next word
	manyArguments          // a value, and every further word that starts with no dash
)

// side is the role that an option is for.
type side int

const (
	bothSides side = iota
	activeSide
	passiveSide
)

// group is a section of the help text; the sections appear in this order.
type group int

const (
	groupFlows group = iota
	groupRun
	groupFiles
	groupControl
	groupSockets
	groupProtection
	groupTLS
	groupOutput
	groupHelp
	groupGone
)

var groupTitles = [...]string{
	groupFlows:      "Flows (active side)",
	groupRun:        "Measurement",
	groupFiles:      "Results (active side)",
	groupControl:    "Control channel",
	groupSockets:    "Addresses and sockets",
	groupProtection: "Protection",
	groupTLS:        "TLS, for QUIC *",
	groupOutput:     "Display and log",
	groupHelp:       "Help",
	groupGone:       "Obsolete",
}

// option is one row of the table that everything about options is made from:
// the flags, the help text, the option list of the man page and completions.
type option struct {
	long       string
	short      string // one letter, "" for none
	argument   argument
	value      string   // what stands for the value in texts; FILE means a file name
	choices    []string // the values that there are, where these are few words
	side       side
	group      group
	ours       bool   // unknown to the reference: never makes an abbreviation of its options ambiguous
	gone       bool   // obsolete: in the tables of names only, never abbreviated
	positional bool   // holds for the flows that follow it
	expects    string // completes "expects ..." when a value is missing or wrong
	help       string // one line
	man        string // mdoc text for the man page; the help line if empty

	// set takes the value: errExpected for one that "expects" describes
	// completely, another error where there is more to say.
	set func(line *commandLine, value string) error
}

// name is the option as messages name it.
func (o *option) name() string {
	if o.short == "" {
		return "--" + o.long
	}
	return "--" + o.long + " (-" + o.short + ")"
}

// findLong looks an option up by its exact long name.
func findLong(table []option, name string) *option {
	for i := range table {
		if table[i].long == name {
			return &table[i]
		}
	}
	return nil
}

// findShort looks an option up by its letter.
func findShort(table []option, letter string) *option {
	for i := range table {
		if table[i].short != "" && table[i].short == letter {
			return &table[i]
		}
	}
	return nil
}

// findPrefix lists the options that an abbreviation can stand for: one if it
// is unambiguous. Options that only this program has step back behind those
// of the reference, so that the abbreviations in published scripts keep their
// meaning.
func findPrefix(table []option, prefix string) []*option {
	if prefix == "" {
		return nil
	}
	var all, reference []*option
	for i := range table {
		o := &table[i]
		if o.gone || !strings.HasPrefix(o.long, prefix) {
			continue
		}
		all = append(all, o)
		if !o.ours {
			reference = append(reference, o)
		}
	}
	if len(reference) == 1 {
		return reference
	}
	return all
}
