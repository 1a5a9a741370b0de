package main

import (
	"fmt"
	"strings"
)

// zshCompletion is a file for a folder of $fpath, or to be sourced. Every
// option may come again: many do, and of the others the last one counts.
func zshCompletion(table []option) string {
	var specs strings.Builder
	for _, o := range completed(table) {
		for _, spelling := range o.spellings() {
			equals := ""
			if o.argument != noArgument && !isShort(o, spelling) {
				equals = "=" // the value may be attached, or be the next word
			}
			fmt.Fprintf(&specs, "    '*%s%s[%s]%s' \\\n", spelling, equals, zshQuote(o.description()), zshValue(o))
		}
	}
	return strings.Replace(zshScript, "@SPECS@", specs.String(), 1)
}

func isShort(o *option, spelling string) bool { return spelling == "-"+o.short }

// zshValue is what _arguments is told of the option's value.
func zshValue(o *option) string {
	switch {
	case o.argument == noArgument:
		return ""
	case o.takesFile():
		return ":" + o.value + ":_files"
	case len(o.words()) > 0:
		return ":" + zshQuote(o.value) + ":(" + strings.Join(o.words(), " ") + ")"
	}
	return ":" + zshQuote(o.value) + ": "
}

// zshQuote protects a text inside of a spec, which is in single quotes.
func zshQuote(text string) string {
	return strings.NewReplacer(`\`, `\\`, ":", `\:`, "[", `\[`, "]", `\]`, "'", `'\''`).Replace(text)
}

const zshScript = `#compdef netperfmeter
# zsh completion of netperfmeter, made by: netperfmeter --completion zsh

_netperfmeter() {
  _arguments \
@SPECS@    ':PORT or HOST:_hosts'
}

if [ "$funcstack[1]" = "_netperfmeter" ]; then
  _netperfmeter "$@"
else
  compdef _netperfmeter netperfmeter
fi
`
