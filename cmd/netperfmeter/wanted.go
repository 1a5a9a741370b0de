package main

import "strings"

// standardOutput stands for stdout where a file name is expected.
const standardOutput = "-"

// wanted says which results for machines a command line asks for.
type wanted struct {
	json, csv string // file names, "" for none
	lines     bool
}

// onStdout counts those that go to stdout, where nothing else may go then.
func (w wanted) onStdout() int {
	n := 0
	for _, there := range []bool{w.json == standardOutput, w.csv == standardOutput, w.lines} {
		if there {
			n++
		}
	}
	return n
}

// wantedIn looks for them in a command line that is wrong, where the wrong word
// may stand before them.
func wantedIn(args []string) (w wanted) {
	for i, word := range args {
		if word == "--" {
			break
		}
		if !startsWithDash(word) {
			continue
		}
		name, value, attached := strings.Cut(strings.TrimPrefix(word[1:], "-"), "=")
		if !attached && i+1 < len(args) && !startsWithDash(args[i+1]) {
			value = args[i+1]
		}
		switch name {
		case "json":
			w.json = fileName(value)
		case "csv":
			w.csv = fileName(value)
		case "json-lines":
			w.lines = true
		}
	}
	if w.onStdout() > 1 {
		w = wanted{lines: w.lines, json: w.json} // that may be what is wrong: one is served
		if w.lines && w.json == standardOutput {
			w.lines = false
		}
	}
	return w
}

// fileName is empty for what names no file.
func fileName(value string) string {
	if strings.HasSuffix(value, "/") {
		return ""
	}
	return value
}
