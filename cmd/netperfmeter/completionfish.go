package main

import (
	"fmt"
	"strings"
)

// fishCompletion is a file for fish's folder of completions.
func fishCompletion(table []option) string {
	var text strings.Builder
	text.WriteString("# fish completion of netperfmeter, made by: netperfmeter --completion fish\n\n" +
		"complete -c netperfmeter -f\n" +
		"complete -c netperfmeter -n 'not string match -q -- \"-*\" (commandline -ct)' -a '(__fish_print_hostnames)'\n")
	for _, o := range completed(table) {
		fmt.Fprintf(&text, "complete -c netperfmeter -l %s -o %s", o.long, o.long)
		if o.short != "" {
			fmt.Fprintf(&text, " -s '%s'", o.short)
		}
		switch {
		case o.argument == noArgument:
		case o.takesFile():
			text.WriteString(" -r -F")
		case len(o.words()) > 0:
			fmt.Fprintf(&text, " -x -a '%s'", strings.Join(o.words(), " "))
		default:
			text.WriteString(" -x")
		}
		fmt.Fprintf(&text, " -d '%s'\n", strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(o.description()))
	}
	return text.String()
}
