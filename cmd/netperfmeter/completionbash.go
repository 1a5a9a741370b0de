package main

import (
	"fmt"
	"strings"
)

// bashCompletion is a script for bash 3.2 and later, without the library of
// the bash-completion package.
func bashCompletion(table []option) string {
	var cases strings.Builder
	var long, short, files, texts []string
	for _, o := range completed(table) {
		long = append(long, o.long)
		if o.short != "" && o.short != "!" { // history expansion
			short = append(short, "-"+o.short)
		}
		pattern := strings.Join(o.spellings(), "|")
		switch {
		case o.argument == noArgument:
		case o.takesFile():
			files = append(files, pattern)
		case len(o.words()) > 0:
			fmt.Fprintf(&cases, "        %s)\n            _netperfmeter_offer '%s' \"$word\"; return ;;\n", pattern, strings.Join(o.words(), " "))
		default:
			texts = append(texts, pattern)
		}
	}
	return strings.NewReplacer(
		"@CASES@", cases.String(), "@FILES@", strings.Join(files, "|\\\n        "), "@TEXTS@", strings.Join(texts, "|\\\n        "),
		"@LONG@", strings.Join(long, " "), "@SHORT@", strings.Join(short, " "),
	).Replace(bashScript)
}

const bashScript = `# bash completion of netperfmeter, made by: netperfmeter --completion bash

_netperfmeter_offer() # words, what is typed, what to put before each word
{
    local word
    COMPREPLY=()
    for word in $1; do
        case $3$word in
        "$2"*) COMPREPLY+=("$3$word") ;;
        esac
    done
}

_netperfmeter()
{
    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD-1]} IFS=$' \n'
    # "=" is a word of its own.
    if [ "$word" = "=" ]; then
        word=
    elif [ "$option" = "=" ]; then
        option=${COMP_WORDS[COMP_CWORD-2]}
    fi
    case $option in
@CASES@        @FILES@)
            IFS=$'\n'
            compopt -o filenames 2>/dev/null
            COMPREPLY=($(compgen -f -- "$word")); return ;;
        @TEXTS@)
            COMPREPLY=(); return ;;
    esac
    local long='@LONG@'
    case $word in
        --*) _netperfmeter_offer "$long" "$word" -- ;;
        -)   _netperfmeter_offer "@SHORT@ --${long// / --}" "$word" ;;
        -*)  _netperfmeter_offer "$long" "$word" - ;;
        *)   IFS=$'\n'
             COMPREPLY=($(compgen -A hostname -- "$word")) ;;
    esac
}

complete -F _netperfmeter netperfmeter
`
