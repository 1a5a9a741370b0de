package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestHelp(t *testing.T) {
	table := optionTable()
	text := helpText(table)
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 || strings.HasSuffix(line, " \n") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	for _, o := range table {
		if o.gone == strings.Contains(text, "--"+o.long) {
			t.Errorf("--%s: obsolete is %v, but the help says otherwise", o.long, o.gone)
		}
	}
}

func TestVersion(t *testing.T) {
	if text := versionText(); !strings.HasPrefix(text, "netperfmeter "+version+" (") || !strings.Contains(text, "Apache License") {
		t.Error(text)
	}
}
