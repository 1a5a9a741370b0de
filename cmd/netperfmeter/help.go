package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// version is the program's version; CHANGELOG.md says what is in it.
const version = "0.1.0"

// helpText is what --help prints: the options by groups, within 80 columns.
func helpText(table []option) string {
	var text strings.Builder
	text.WriteString(`Usage:
  netperfmeter PORT [options]                passive side: wait on port PORT
  netperfmeter HOST[:PORT] [options] FLOWS   active side: measure against HOST
  netperfmeter --embedded [options] [FLOWS]  try it: both sides in one process
  netperfmeter --capabilities [HOST]         what this host and that one can do
`)
	for g := range groupTitles {
		if group(g) == groupGone {
			continue
		}
		fmt.Fprintf(&text, "\n%s:\n", groupTitles[g])
		for i := range table {
			if table[i].group == group(g) {
				text.WriteString(helpLine(&table[i]))
			}
		}
	}
	text.WriteString(`
* understood, but this version has no QUIC.

FLOWSPEC:
  out_rate:out_size[:in_rate[:in_size[:option]...]]  or  default[:option]...
  Rates in frames per second, sizes in bytes; out is to the passive side.
  A rate of const0 sends as fast as it goes, a size of const0 nothing at all.
  Values: const10 (or 10), uniform5,15, exp10, poisson10 (rates only),
    pareto0.17,1.5, normal100,20, truncnormal100,20
  Options: id= description= maxmsgsize= defragtimeout= sndbuf= rcvbuf= onoff=
    error_on_abort= nodelay= cc= cmt= ccid= v6only debug= ordered= unordered=
    reliable= unreliable= rtx_timeout= rtx_trials=

Long options also work with one dash, with "=" or a blank before the value, and
abbreviated: -runtime=60, --runtime 60, -run=60. The manual has all the details.

Examples:
  netperfmeter 9000
  netperfmeter HOST:9000 -tcp const0:const1460 -runtime=10
  netperfmeter HOST -tcp const0:const1400:const0:const1400 -udp default
  netperfmeter HOST -T 60 -S run.sca.bz2 -V run.vec.bz2 -m default -t default
`)
	return text.String()
}

// helpLine is one option in the help text. What does not fit beside the
// option's name begins a line of its own.
func helpLine(o *option) string {
	const indent = 30
	name := "      "
	if o.short != "" {
		name = "  -" + o.short + ", "
	}
	name += "--" + o.long
	if o.argument != noArgument {
		name += " " + o.value
	}
	if o.argument == manyArguments {
		name += "..."
	}
	if len(name)+2 > indent {
		return name + "\n" + strings.Repeat(" ", indent) + o.help + "\n"
	}
	return fmt.Sprintf("%-*s%s\n", indent, name, o.help)
}

// versionText is what --version prints.
func versionText() string {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" && len(setting.Value) >= 12 {
				revision = ", revision " + setting.Value[:12]
			}
		}
	}
	return fmt.Sprintf("netperfmeter %s (%s, %s/%s%s)\n"+
		"Licensed under the Apache License, Version 2.0. There is no warranty.\n",
		version, runtime.Version(), runtime.GOOS, runtime.GOARCH, revision)
}
