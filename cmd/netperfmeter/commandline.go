package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/passive"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// addressList is a list of local addresses.
type addressList []netip.Addr

// displayMode says whether there is a live status.
type displayMode int

const (
	displayAuto displayMode = iota // on a terminal
	displayOn
	displayOff
)

// lineFlow is a flow as the command line gives it, with what was in force
// where it stands there.
type lineFlow struct {
	spec   traffic.FlowSpec
	option string // the words that gave it, for messages
	local  addressList
}

// commandLine is what a command line says, checked word by word, but not yet
// as a whole. Zero values are defaults.
type commandLine struct {
	target        target
	help, version bool
	completion    string    // the shell to print a script for, "" for none
	given         []*option // in their order

	flows   []lineFlow
	count   int
	runtime time.Duration

	embedded        bool
	capabilities    bool
	allowThirdParty bool
	allow, deny     []netip.Prefix
	limits          passive.Limits
	key             control.Key
	seed            uint64
	batch           int
	vectorEvery     int
	interval        time.Duration
	omit            time.Duration
	requireMPTCP    bool
	deadline        time.Duration
	wait            time.Duration
	peerTimeout     time.Duration // 0: the default
	peerVersion     control.PeerVersion
	offloads        channels.Offloads
	timer           flow.Timer
	correctDelays   flow.Correction

	configFile, scalarFile, vectorFile string
	results                            wanted
	activeName, passiveName            string

	control      wire.Protocol          // active side: 0 for its own choice
	accept       map[wire.Protocol]bool // passive side: what was said about control transports
	local        addressList            // at the end: the passive side's
	controlLocal addressList
	v6only       bool
	sndbuf       int
	rcvbuf       int

	display   displayMode
	logLevel  slog.Level
	logColor  string // "on", "off", "" for automatic
	logFile   string
	logAppend bool
	logJSON   bool
	metrics   netip.AddrPort // passive side: where metrics are served; invalid: nowhere

	unavailable []string // TLS options given, by name
	warnings    []string
}

// errExpected says that a value is not what the option's table row expects.
var errExpected = errors.New("unexpected value")

// parseCommandLine reads the words after the program's name. Errors are of
// type *usageError.
func parseCommandLine(args []string) (*commandLine, error) {
	table := optionTable()
	words, err := rewrite(table, args)
	if err != nil {
		return nil, err
	}
	line := &commandLine{
		count:       1,
		activeName:  "Client",
		passiveName: "Server",
		accept:      map[wire.Protocol]bool{},
	}
	flags := newFlags(table, line)
	if err := flags.Parse(words); err != nil {
		return line, flagError(table, err)
	}
	if line.help || line.version || line.completion != "" {
		return line, nil
	}
	if err := line.place(flags.Args()); err != nil {
		return line, err
	}
	return line, line.checkWhole()
}

// newFlags makes pflag's flags from the table.
func newFlags(table []option, line *commandLine) *pflag.FlagSet {
	flags := pflag.NewFlagSet("netperfmeter", pflag.ContinueOnError)
	flags.SortFlags = false
	flags.Usage = func() {}
	for i := range table {
		o := &table[i]
		flag := flags.VarPF(flagValue{o, line}, o.long, o.short, o.help)
		if o.argument == noArgument {
			flag.NoOptDefVal = "on"
		}
	}
	return flags
}

// flagValue hands what pflag reads to the option's row of the table. pflag
// calls Set in the order of the command line, which -L, -o and -i need.
type flagValue struct {
	option *option
	line   *commandLine
}

func (v flagValue) String() string { return "" }
func (v flagValue) Type() string   { return v.option.value }
func (v flagValue) Set(text string) error {
	v.line.given = append(v.line.given, v.option)
	return v.option.set(v.line, text)
}

// flagError turns what pflag says into this program's words.
func flagError(table []option, err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return usagef("%v", err)
	}
	o := findLong(table, invalid.GetFlag().Name)
	cause := errors.Unwrap(invalid)
	var spec *traffic.SpecError
	switch {
	case errors.Is(cause, errExpected):
		return usagef("option %s expects %s, not %q", o.name(), o.expects, invalid.GetValue())
	case errors.As(cause, &spec):
		return usagef("%v", spec)
	}
	return usagef("option %s: %v", o.name(), cause)
}

// place takes the words that are no options: one PORT or HOST.
func (line *commandLine) place(words []string) error {
	switch {
	case len(words) > 1:
		return usagef("one PORT or HOST is expected, not %d: %q and %q", len(words), words[0], words[1])
	case len(words) == 1:
		var err error
		line.target, err = parseTarget(words[0])
		return err
	case line.embedded || line.capabilities:
		return nil
	}
	if o := line.greedy(); o != nil {
		return usagef("HOST is missing; -%s takes every word that follows it and starts with no dash, so HOST must stand before it", o.long)
	}
	return usagef("PORT (passive side) or HOST[:PORT] (active side) is missing; see netperfmeter --help")
}

// greedy finds an option that may have swallowed HOST.
func (line *commandLine) greedy() *option {
	for _, o := range line.given {
		if o.argument == manyArguments {
			return o
		}
	}
	return nil
}

// checkWhole finds what no single word shows.
func (line *commandLine) checkWhole() error {
	switch {
	case line.capabilities:
		return line.checkCapabilities()
	case line.embedded && line.target.portSet:
		return usagef("--embedded takes no PORT: its passive side uses free ports")
	case line.target.passive && len(line.flows) > 0:
		return usagef("%q is a PORT, which starts a passive side, but flows need a HOST to measure against", line.target.text)
	case !line.target.passive && !line.embedded && len(line.flows) == 0:
		return usagef("no flow is given; for instance -tcp const0:const1400, or -tcp default")
	}
	if line.runtime > 0 && line.omit >= line.runtime {
		return usagef("--omit leaves nothing of --runtime to measure: %v of %v", line.omit, line.runtime)
	}
	if err := line.checkResults(); err != nil {
		return err
	}
	line.warnOtherSide()
	line.warnTooLate()
	if line.scalarFile != "" && line.scalarFile == line.vectorFile {
		return usagef("--scalar and --vector name the same file %q", line.scalarFile)
	}
	return nil
}

// checkCapabilities finds what does not go with --capabilities.
func (line *commandLine) checkCapabilities() error {
	switch {
	case line.target.passive:
		return usagef("--capabilities takes a HOST or nothing, not the PORT %q", line.target.text)
	case line.embedded || len(line.flows) > 0:
		return usagef("--capabilities measures nothing: it takes no flows and no --embedded")
	case line.results.lines || line.results.csv != "":
		return usagef("--capabilities has --json, but no --json-lines and no --csv")
	}
	return nil
}

// checkResults finds results that get into each other's way.
func (line *commandLine) checkResults() error {
	w := line.results
	switch {
	case w.onStdout() > 1:
		return usagef("only one of --json -, --csv - and --json-lines can have stdout")
	case line.deadline > 0 && line.deadline <= line.runtime:
		return usagef("--deadline has to be longer than --runtime, since it bounds set-up and results as well: %v, %v", line.deadline, line.runtime)
	}
	files := map[string]string{line.scalarFile: "--scalar", line.vectorFile: "--vector", line.configFile: "--config"}
	for _, other := range []struct{ option, file string }{{"--json", w.json}, {"--csv", w.csv}} {
		if option, twice := files[other.file]; twice && other.file != "" && other.file != standardOutput {
			return usagef("%s and %s name the same file %q", option, other.option, other.file)
		}
		files[other.file] = other.option
	}
	return nil
}

// warnTooLate tells of options that hold for the flows that follow them, where
// none follows.
func (line *commandLine) warnTooLate() {
	if line.target.passive {
		return
	}
	last := ""
	for _, o := range line.given {
		switch {
		case o.value == flowspecValue:
			last = ""
		case o.positional:
			last = "--" + o.long
		}
	}
	if last != "" && len(line.flows) > 0 {
		line.warnings = append(line.warnings, last+" has no effect: it holds for flows that follow it, and none does")
	}
}

// warnOtherSide tells of options that do nothing here. They are no errors:
// scripts that share a set of options between both sides stay usable.
func (line *commandLine) warnOtherSide() {
	unused, role := passiveSide, "active"
	if line.target.passive {
		unused, role = activeSide, "passive"
	}
	if line.embedded {
		return
	}
	var names []string
	for _, o := range line.given {
		if o.side == unused && o.group != groupTLS {
			names = append(names, "--"+o.long)
		}
	}
	if len(names) > 0 {
		line.warnings = append(line.warnings, fmt.Sprintf("no effect on the %s side: %s", role, strings.Join(names, ", ")))
	}
}
