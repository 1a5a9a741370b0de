package main

import "strings"

// shells are those that the program can be completed in, with what makes the
// script for each.
var shells = map[string]func([]option) string{
	"bash": bashCompletion,
	"zsh":  zshCompletion,
	"fish": fishCompletion,
}

// shellNames are the words of --completion.
var shellNames = []string{"bash", "zsh", "fish"}

func setCompletion(line *commandLine, value string) error {
	if shells[value] == nil {
		return errExpected
	}
	line.completion = value
	return nil
}

// completed lists the options that are offered: obsolete ones are not.
func completed(table []option) []*option {
	var offered []*option
	for i := range table {
		if !table[i].gone {
			offered = append(offered, &table[i])
		}
	}
	return offered
}

// words are the values to offer for an option; none where any text can stand.
func (o *option) words() []string {
	if o.value == flowspecValue {
		return []string{"default"}
	}
	return o.choices
}

// takesFile tells whether the option's value is a file name.
func (o *option) takesFile() bool { return o.value == "FILE" }

// description is the option's help without the mark of what is missing.
func (o *option) description() string { return strings.TrimSuffix(o.help, " *") }

// spellings lists the ways to write the option, the usual one first.
func (o *option) spellings() []string {
	list := []string{"--" + o.long, "-" + o.long}
	if o.short != "" {
		list = append(list, "-"+o.short)
	}
	return list
}
