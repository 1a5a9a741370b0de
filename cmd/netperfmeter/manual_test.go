package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the option list into the man page")

const (
	manualFile  = "../../man/netperfmeter.1"
	manualBegin = ".\\\" BEGIN OPTIONS: made from the option table by \"go generate ./cmd/netperfmeter\"\n"
	manualEnd   = ".\\\" END OPTIONS\n"
)

// TestManual keeps the man page's option list equal to the option table.
func TestManual(t *testing.T) {
	content, err := os.ReadFile(manualFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(content), manualBegin)
	old, after, ends := strings.Cut(rest, manualEnd)
	if !begins || !ends {
		t.Fatal("the man page has lost the marks around its option list")
	}
	made := manualOptions(optionTable())
	if made == old {
		return
	}
	if !*update {
		t.Fatal("the man page's option list is not that of the option table; run: go generate ./cmd/netperfmeter")
	}
	if err := os.WriteFile(manualFile, []byte(before+manualBegin+made+manualEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

// manualOptions writes the option list in the man page's language.
func manualOptions(table []option) string {
	var text strings.Builder
	for g, title := range groupTitles {
		fmt.Fprintf(&text, ".Ss %s\n.Bl -tag -width Ds -compact\n", strings.TrimSuffix(title, " *"))
		for i := range table {
			if table[i].group == group(g) {
				text.WriteString(manualItem(&table[i]))
			}
		}
		text.WriteString(".El\n")
	}
	return text.String()
}

func manualItem(o *option) string {
	var text strings.Builder
	text.WriteString(".It ")
	if o.short != "" {
		text.WriteString("Fl " + strings.Replace(o.short, "!", "\\&!", 1) + " , ")
	}
	text.WriteString("Fl -" + o.long)
	if o.argument != noArgument {
		text.WriteString(" Ar " + o.value)
	}
	if o.argument == manyArguments {
		text.WriteString(" ...")
	}
	text.WriteString("\n")
	switch side := o.side; {
	case strings.HasSuffix(groupTitles[o.group], "(active side)"):
	case side == activeSide:
		text.WriteString("(active side)\n")
	case side == passiveSide:
		text.WriteString("(passive side)\n")
	}
	switch {
	case o.man != "":
		text.WriteString(fold(o.man))
	case o.gone:
		text.WriteString("Accepted with a warning, without effect.\n")
	default:
		help := strings.TrimSuffix(o.help, " *")
		text.WriteString(strings.ToUpper(help[:1]) + help[1:] + ".\n")
	}
	return text.String()
}

// fold breaks long lines of text, but not of macros, at blanks.
func fold(text string) string {
	var folded strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		for len(line) > 78 && line[0] != '.' {
			at := strings.LastIndexByte(line[:78], ' ')
			folded.WriteString(line[:at] + "\n")
			line = line[at+1:]
		}
		folded.WriteString(line + "\n")
	}
	return folded.String()
}
