package main

import (
	"slices"
	"strings"
	"testing"
)

// TestCompletion: every option is offered in every shell, with the words that
// it takes, and nothing that is obsolete.
func TestCompletion(t *testing.T) {
	if len(shells) != len(shellNames) {
		t.Fatalf("%d shells have %d names", len(shells), len(shellNames))
	}
	for _, shell := range shellNames {
		status, script, stderr := runProgram(t, "--completion", shell)
		if status != exitOkay || stderr != "" {
			t.Fatalf("%s: status %d\n%s", shell, status, stderr)
		}
		words := strings.FieldsFunc(script, func(r rune) bool { return strings.ContainsRune(" \n'=|)([]*:", r) })
		for _, o := range optionTable() {
			if o.gone == slices.ContainsFunc(words, func(w string) bool { return strings.TrimLeft(w, "-") == o.long }) {
				t.Errorf("%s: --%s: obsolete is %v, but the script says otherwise", shell, o.long, o.gone)
			}
			for _, choice := range o.words() {
				if !o.gone && !slices.Contains(words, choice) {
					t.Errorf("%s: %q of --%s is missing", shell, choice, o.long)
				}
			}
		}
	}
}
