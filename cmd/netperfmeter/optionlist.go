package main

import (
	"net/netip"

	"netperfmeter/flow"
	"netperfmeter/wire"
)

// flowspecValue marks the options that take FLOWSPECs.
const flowspecValue = "FLOWSPEC"

// Wordings that several options share.
const (
	expectsFile      = "a file name"
	expectsBytes     = "a number of bytes, 0 (the system's choice) to 2147483647"
	expectsSeconds   = "a number of seconds above 0, such as 0.5 or 60"
	expectsAddresses = "IP addresses, separated by commas"
	expectsNetworks  = "networks such as 192.0.2.0/24, or addresses, separated by commas"
	expectsFlow      = "a FLOWSPEC, for instance const0:const1400 or default"
)

//go:generate go test -run "TestManual|TestSchema" -update

// optionTable returns all options, in the order of the help text.
func optionTable() []option {
	return []option{
		{long: "tcp", short: "t", argument: oneArgument, value: flowspecValue, side: activeSide, group: groupFlows,
			expects: expectsFlow, help: "a TCP flow", man: "Adds a TCP flow.", set: addFlows(wire.TCP)},
		{long: "mptcp", short: "m", argument: oneArgument, value: flowspecValue, side: activeSide, group: groupFlows,
			expects: expectsFlow, help: "an MPTCP flow",
			man: "Adds an MPTCP flow.\nIt is refused where the kernel has MPTCP switched off, and never silently replaced by TCP.",
			set: addFlows(wire.MPTCP)},
		{long: "udp", short: "u", argument: oneArgument, value: flowspecValue, side: activeSide, group: groupFlows,
			expects: expectsFlow, help: "a UDP flow",
			man: "Adds a UDP flow.\nWith rate const0 it floods the path: nothing holds it back.",
			set: addFlows(wire.UDP)},
		{long: "sctp", short: "s", argument: manyArguments, value: flowspecValue, side: activeSide, group: groupFlows,
			expects: expectsFlow, help: "an SCTP association, a stream for each word",
			man: "Adds an SCTP association, with a flow for each stream, see\n.Sx SCTP .\nEvery further word that starts with no dash is one more stream of it, so HOST cannot follow.",
			set: addFlows(wire.SCTP)},
		{long: "dccp", short: "d", argument: oneArgument, value: flowspecValue, side: activeSide, group: groupFlows,
			expects: expectsFlow, help: "a DCCP flow", set: addFlows(wire.DCCP),
			man: "Adds a DCCP flow.\nIt is refused where the kernel has no DCCP; see\n.Sx DCCP ."},
		{long: "quic", short: "k", argument: manyArguments, value: flowspecValue, side: activeSide, group: groupFlows,
			expects: expectsFlow, help: "a QUIC connection, a stream for each word *",
			man: "A QUIC connection: understood, and refused, since this version has no QUIC.\nEvery further word that starts with no dash is one more stream of it, so HOST cannot follow.",
			set: addFlows(wire.QUIC)},
		{long: "count", short: "N", argument: oneArgument, value: "N", side: activeSide, group: groupFlows,
			expects: "a number, 1 to 65536", help: "add the whole list of flows N times",
			man: "Adds the whole list of flows\n.Ar N\ntimes.\nAn explicit\n.Cm id=\nwould then come twice and is an error.",
			set: setCount},

		{long: "runtime", short: "T", argument: oneArgument, value: "SECONDS", group: groupRun,
			expects: expectsSeconds, help: "stop after that long (default: if interrupted)",
			man: "Stops by itself after that long; fractions are allowed.\nWithout it the measurement, or the passive side, runs until it is interrupted.",
			set: setRuntime},
		{long: "omit", argument: oneArgument, value: "SECONDS", side: activeSide, group: groupRun, ours: true,
			expects: "a number of seconds, 0.001 to 86400", help: "leave the first seconds out of the results",
			man: "Leaves the first seconds, in which transports find their speed, out of the scalars and the final table of both sides.\n" +
				"The run time includes them.\nIn the vectors they are marked by a negative RelTime, and the Abs columns include them;\n" +
				"the scalars whose names begin with Omitted say what was left out, so that the sums still add up.",
			set: setOmit},
		{long: "correct-delays", side: activeSide, group: groupRun, ours: true,
			help: "take the difference of the clocks out of delays",
			man: "Takes the difference of the two hosts' clocks, as far as it is known, out of the delays in the scalars and the final table of both sides.\n" +
				"It is followed while the measurement runs; what stays unknown of it is stated beside the delays.\n" +
				"The passive side must be this program too.\nVectors keep the delays as the clocks have them.",
			set: func(line *commandLine, _ string) error {
				line.correctDelays = max(line.correctDelays, flow.CorrectSummaries)
				return nil
			}},
		{long: "correct-vectors", side: activeSide, group: groupRun, ours: true,
			help: "--correct-delays, and of those in vectors too",
			man:  "As\n.Fl -correct-delays ,\nand takes it out of the delays in the vectors too: each is corrected by what was known when its message came.\nTheir other columns stay as they are.",
			set: func(line *commandLine, _ string) error {
				line.correctDelays = flow.CorrectAll
				return nil
			}},
		{long: "require-mptcp", side: activeSide, group: groupRun, ours: true, help: "fail where MPTCP falls back to TCP",
			man: "Ends with exit status 4, before the measurement begins, if an MPTCP flow has fallen back to TCP.\n" +
				"One that falls back later gives the same status at the end, with all results.\nThe reason is in the last line on stderr.",
			set: func(line *commandLine, _ string) error { line.requireMPTCP = true; return nil }},
		{long: "deadline", argument: oneArgument, value: "SECONDS", side: activeSide, group: groupRun, ours: true,
			expects: expectsSeconds, help: "end set-up, run and results within that time",
			man: "Bounds set-up, run and the transfer of results together, whatever the passive side does or does not.\n" +
				"What was measured until then is kept: the files of this side are completed, which may take a moment longer.\n" +
				"The exit status is 2 if the time was over before the measurement began or while it was being stopped, and 6 after that or while it ran.",
			set: setDeadline},
		{long: "wait", argument: oneArgument, value: "SECONDS", side: activeSide, group: groupRun, ours: true,
			expects: expectsSeconds, help: "try that long until the passive side is there",
			man: "Tries to connect for that long, again and again, until the passive side is there.\nOnce its control channel stands, nothing is tried again.",
			set: setWait},
		{long: "peer-timeout", argument: oneArgument, value: "SECONDS", group: groupRun, ours: true,
			expects: "a number of seconds, 5 to 86400", help: "wait that long for a silent peer (default 180)",
			man: "How long a peer that gives no sign of life is waited for once the measurement runs, and until its results are there; the default is 180 seconds.\n" +
				"It is this side's own: the peer has its own one.\nAn outage that is shorter than half of it ends nothing; see\n.Sx WHEN A SIDE IS GONE .",
			set: setPeerTimeout},
		{long: "embedded", group: groupRun, ours: true, side: activeSide,
			help: "passive side inside this process",
			man: "Starts a passive side inside this process, on free ports of the loopback interface, and measures against it.\n" +
				".Ar HOST\nmay be left out, or names the address to use instead.\n" +
				"Without a flow it measures for 10 seconds (or as\n.Fl -runtime\nsays): MPTCP, saturated with frames of 1400 bytes, in the first half, TCP in the second.",
			set: func(line *commandLine, _ string) error { line.embedded = true; return nil }},
		{long: "seed", argument: oneArgument, value: "N", group: groupRun, ours: true,
			expects: "a number, 1 to 18446744073709551615", help: "make the random values repeatable",
			man: "Makes the random values repeatable: on the active side those of both directions, if the passive side is this program too, else its own.\nWithout it a seed is chosen at random; the seed used is always recorded.",
			set: setSeed},
		{long: "batch", argument: oneArgument, value: "N", side: activeSide, group: groupRun, ours: true,
			expects: "a number of messages, 1 to 65536", help: "send at most N messages with one system call",
			man: "Sends at most\n.Ar N\nmessages with one system call; 1 is one call for each message.\n" +
				"By default batches are bounded in bytes and age only.",
			set: setBatch},
		{long: "timer", argument: oneArgument, value: "KIND", group: groupRun, ours: true, choices: []string{"precise", "economical"},
			expects: "precise or economical", help: "precise (default) or economical pacing",
			man: "How exactly planned frames are sent.\n.Cm precise\n(default) wakes early and polls the clock for the last 60 microseconds before each planned instant, at the price of CPU time;\n" +
				".Cm economical\nsleeps only.",
			set: setTimer},
		{long: "disable", argument: oneArgument, value: "LIST", group: groupRun, ours: true, choices: offloadNames,
			expects: "a list of gso, gro, mmsg, timestamps, separated by commas", help: "do without gso, gro, mmsg, timestamps",
			man: "Does without what the kernel offers for UDP, though it is there, for comparison or because it is faulty:\n" +
				".Cm gso\nand\n.Cm gro\n(segmentation offload, sending and receiving),\n.Cm mmsg\n(many datagrams with one system call),\n" +
				".Cm timestamps\n(arrival times taken by the kernel).\nSeveral are separated by commas.",
			set: setDisable},
		{long: "peer-version", argument: oneArgument, value: "VER", side: activeSide, group: groupRun, ours: true,
			choices: []string{"1.9", "2.0"}, expects: "1.9 or 2.0", help: "the version of the passive side (default 2.0)",
			man: "The passive side is NetPerfMeter of that version; the protocol does not tell.\n" +
				"For 1.9 on/off lists go out in its form and\n.Cm uniform\nis translated to what that version means by it; what it does not know is refused.\nThe default is 2.0, also for a passive side of this program.",
			set: setPeerVersion},

		{long: "config", short: "C", argument: oneArgument, value: "FILE", side: activeSide, group: groupFiles,
			expects: expectsFile, help: "write a configuration file",
			man: "Writes a configuration file, which describes the flows and names the other files.",
			set: setFile(func(l *commandLine) *string { return &l.configFile })},
		{long: "scalar", short: "S", argument: oneArgument, value: "FILE", side: activeSide, group: groupFiles,
			expects: expectsFile, help: "write scalar files; .bz2 at the end compresses",
			man: "Writes the scalar files of both sides.\n.Ar FILE\nis a pattern, see\n.Sx FILES ;\nwith\n.Pa .bz2\nat its end the files are compressed.",
			set: setFile(func(l *commandLine) *string { return &l.scalarFile })},
		{long: "vector", short: "V", argument: oneArgument, value: "FILE", side: activeSide, group: groupFiles,
			expects: expectsFile, help: "write vector files; .bz2 at the end compresses",
			man: "Writes the vector files of both sides, a global one and one for each flow.\n.Ar FILE\nis a pattern, see\n.Sx FILES ;\nwith\n.Pa .bz2\nat its end the files are compressed.",
			set: setFile(func(l *commandLine) *string { return &l.vectorFile })},
		{long: "vector-every", argument: oneArgument, value: "N", side: activeSide, group: groupFiles, ours: true,
			expects: "a number, 1 to 4294967295", help: "every N-th message only in vectors of flows",
			man: "Writes the line of every\n.Ar N Ns -th\nmessage only to the vectors of flows.\nThe totals in the lines stay exact.",
			set: setVectorEvery},
		{long: "interval", argument: oneArgument, value: "SECONDS", side: activeSide, group: groupFiles, ours: true,
			expects: "a number of seconds, 0.01 to 86400", help: "time between vector sets, updates (default 1)",
			man: "The time between two sets of lines in the global vector, and between two updates of the display.\nThe default is 1 second.",
			set: setInterval},
		{long: "json", argument: oneArgument, value: "FILE", side: activeSide, group: groupFiles, ours: true,
			expects: expectsFile, help: "everything as one JSON document (-: stdout)",
			man: "Writes everything that is known at the end as one JSON document, however the program ends;\n.Cm -\nis stdout.\nSee\n.Sx RESULTS FOR PROGRAMS .",
			set: setFile(func(l *commandLine) *string { return &l.results.json })},
		{long: "json-lines", side: activeSide, group: groupFiles, ours: true,
			help: "events as lines of JSON on stdout",
			man:  "Writes a line of JSON to stdout for each event, as it happens.\nSee\n.Sx RESULTS FOR PROGRAMS .",
			set:  setJSONLines},
		{long: "csv", argument: oneArgument, value: "FILE", side: activeSide, group: groupFiles, ours: true,
			expects: expectsFile, help: "intervals as a table (-: stdout)",
			man: "Writes a table with a row for each flow, direction and interval;\n.Cm -\nis stdout.\nSee\n.Sx RESULTS FOR PROGRAMS .",
			set: setFile(func(l *commandLine) *string { return &l.results.csv })},
		{long: "activenodename", short: "A", argument: oneArgument, value: "TEXT", side: activeSide, group: groupFiles,
			expects: "a name", help: "name of this side in files (default Client)",
			set: setText(func(l *commandLine) *string { return &l.activeName })},
		{long: "passivenodename", short: "P", argument: oneArgument, value: "TEXT", side: activeSide, group: groupFiles,
			expects: "a name", help: "name of the passive side in files (default Server)",
			set: setText(func(l *commandLine) *string { return &l.passiveName })},

		{long: "control-over-sctp", short: "x", group: groupControl, help: "control over SCTP (passive: accept it)",
			man: "Active side: uses SCTP for the control channel.\nThat is the default where the kernel has SCTP, but only with this option nothing else is tried.\nPassive side: accepts it (default).",
			set: chooseControl(wire.SCTP)},
		{long: "no-control-over-sctp", short: "X", side: passiveSide, group: groupControl, help: "do not accept control over SCTP",
			man: "Does not accept control over SCTP.",
			set: refuseControl(wire.SCTP)},
		{long: "control-over-tcp", short: "y", group: groupControl, help: "control over TCP (passive: accept it)",
			man: "Active side: uses TCP for the control channel.\nPassive side: accepts it (default).",
			set: chooseControl(wire.TCP)},
		{long: "no-control-over-tcp", short: "Y", side: passiveSide, group: groupControl, help: "do not accept control over TCP, nor MPTCP",
			man: "Does not accept control over TCP, nor over MPTCP.",
			set: refuseControl(wire.TCP)},
		{long: "control-over-mptcp", short: "w", group: groupControl, help: "control over MPTCP (passive: accept both)",
			man: "Active side: uses MPTCP for the control channel.\nPassive side: accepts it, and TCP with it.",
			set: chooseControl(wire.MPTCP)},
		{long: "no-control-over-mptcp", short: "W", side: passiveSide, group: groupControl, help: "do not accept control over MPTCP",
			man: "Does not accept control over MPTCP.",
			set: refuseControl(wire.MPTCP)},

		{long: "local", short: "L", positional: true, argument: oneArgument, value: "ADDR[,...]", group: groupSockets,
			expects: expectsAddresses, help: "data sockets' addresses, for flows that follow",
			man: "The local address of data sockets, for the flows that follow on the command line.\n" +
				"SCTP binds to all of them, and its association uses them all; of more than one TCP and UDP use the first, MPTCP none.",
			set: setAddresses(func(l *commandLine) *addressList { return &l.local })},
		{long: "controllocal", short: "l", argument: oneArgument, value: "ADDR[,...]", group: groupSockets,
			expects: expectsAddresses, help: "control sockets' addresses",
			man: "The local address of control sockets, in the same way.",
			set: setAddresses(func(l *commandLine) *addressList { return &l.controlLocal })},
		{long: "v6only", short: "6", group: groupSockets, help: "IPv6 sockets only",
			man: "Uses IPv6 only, for listening and control sockets.\nFor data sockets there is the flow option\n.Cm v6only .",
			set: func(line *commandLine, _ string) error { line.v6only = true; return nil }},
		{long: "sndbuf", short: "o", positional: true, argument: oneArgument, value: "BYTES", group: groupSockets,
			expects: expectsBytes, help: "send buffer, for flows that follow",
			man: "The send buffer of data sockets, for the flows that follow on the command line.\nThe default is 0, the system's choice, which adapts itself.",
			set: setBytes(func(l *commandLine) *int { return &l.sndbuf })},
		{long: "rcvbuf", short: "i", positional: true, argument: oneArgument, value: "BYTES", group: groupSockets,
			expects: expectsBytes, help: "receive buffer, for flows that follow",
			man: "The receive buffer of data sockets, in the same way.",
			set: setBytes(func(l *commandLine) *int { return &l.rcvbuf })},
		{long: "key-file", argument: oneArgument, value: "FILE", group: groupProtection, ours: true,
			expects: expectsFile, help: "both sides must know the key in FILE",
			man: "Measures only with a program that knows the key in\n.Ar FILE ,\nwhich is 16 to 4096 bytes long; line ends at its end do not count.\nOthers must not be able to read the file.\nSee\n.Sx SECURITY .",
			set: setKeyFile},
		{long: "allow", argument: oneArgument, value: "NETWORK[,...]", side: passiveSide, group: groupProtection, ours: true,
			expects: expectsNetworks, help: "clients from these networks only",
			man: "Takes connections and flows from clients in these networks only.\nA network is written as 192.0.2.0/24 or 2001:db8::/32, or is a single address.\nThe option can be repeated.",
			set: addNetworks(func(l *commandLine) *[]netip.Prefix { return &l.allow })},
		{long: "deny", argument: oneArgument, value: "NETWORK[,...]", side: passiveSide, group: groupProtection, ours: true,
			expects: expectsNetworks, help: "no clients from these networks",
			man: "Takes nothing from these networks, even if\n.Fl -allow\nnames them.",
			set: addNetworks(func(l *commandLine) *[]netip.Prefix { return &l.deny })},
		{long: "limit", argument: oneArgument, value: "NAME=VALUE", side: passiveSide, group: groupProtection, ours: true,
			expects: "NAME=VALUE, for instance flows=1000 or udp-rate=100M", help: "what clients may have; see the manual",
			man: "Sets how much clients may have.\n.Ar VALUE\nis a number, with k, M, G or T for powers of 1000, or none.\nThe option can be repeated.\n" + manualLimits(),
			set: setLimit},
		{long: "allow-third-party", side: passiveSide, group: groupProtection, ours: true,
			help: "send UDP elsewhere than to the control peer",
			man: "Sends UDP flows to whatever address identified itself for them, even if it is not the address of the control connection's other end.\n" +
				"Anyone who can reach this passive side can then direct its traffic at a third party; for closed networks only.",
			set: func(line *commandLine, _ string) error { line.allowThirdParty = true; return nil }},

		{long: "tls-key", short: "K", argument: oneArgument, value: "FILE", side: passiveSide, group: groupTLS,
			expects: expectsFile, help: "private key", man: "Private key.\nLike the other options of TLS it is refused, since this version has no QUIC.", set: setTLS("tls-key")},
		{long: "tls-cert", short: "J", argument: oneArgument, value: "FILE", side: passiveSide, group: groupTLS,
			expects: expectsFile, help: "certificate", set: setTLS("tls-cert")},
		{long: "tls-ca", short: "I", argument: oneArgument, value: "FILE", group: groupTLS,
			expects: expectsFile, help: "certificates of the authorities to trust", set: setTLS("tls-ca")},
		{long: "tls-hostname", short: "H", argument: oneArgument, value: "NAME", side: activeSide, group: groupTLS,
			expects: "a host name", help: "the name that the certificate must have", set: setTLS("tls-hostname")},

		{long: "display", group: groupOutput, help: "live status line (default on a terminal)",
			man: "Shows a live status line on stderr.\nOn a terminal that is the default; elsewhere the option gives a line for each interval.",
			set: func(line *commandLine, _ string) error { line.display = displayOn; return nil }},
		{long: "nodisplay", group: groupOutput, help: "no live status line",
			set: func(line *commandLine, _ string) error { line.display = displayOff; return nil }},
		{long: "loglevel", argument: oneArgument, value: "LEVEL", group: groupOutput, choices: []string{"0", "1", "2", "3", "4", "5"},
			expects: "0 (trace), 1 (debug), 2 (info), 3 (warning), 4 (error) or 5 (fatal)",
			help:    "0 all to 5 fatal errors only (default 2, info)",
			man:     "What is logged: 0 trace, 1 debug, 2 info (default), 3 warning, 4 error, 5 fatal.",
			set:     setLogLevel},
		{long: "quiet", short: "q", group: groupOutput, help: "errors only, as --loglevel=4",
			man: "Errors only, as\n.Fl -loglevel Ns = Ns 4 .",
			set: func(line *commandLine, _ string) error { return setLogLevel(line, "4") }},
		{long: "verbose", short: "!", group: groupOutput, help: "everything, as --loglevel=0",
			man: "Everything, as\n.Fl -loglevel Ns = Ns 0 .",
			set: func(line *commandLine, _ string) error { return setLogLevel(line, "0") }},
		{long: "logcolor", argument: oneArgument, value: "on|off", group: groupOutput, choices: []string{"on", "off"},
			expects: "on or off", help: "colours in the log (default on a terminal)", set: setLogColor},
		{long: "logfile", argument: oneArgument, value: "FILE", group: groupOutput,
			expects: expectsFile, help: "log to FILE, which is emptied, not to stderr",
			man: "Logs to\n.Ar FILE ,\nwhich is emptied before, instead of to stderr.", set: setLogFile(false)},
		{long: "logappend", argument: oneArgument, value: "FILE", group: groupOutput,
			expects: expectsFile, help: "log to the end of FILE, not to stderr",
			man: "Logs to the end of\n.Ar FILE\ninstead of to stderr.", set: setLogFile(true)},

		{long: "logformat", argument: oneArgument, value: "FORMAT", group: groupOutput, ours: true, choices: []string{"text", "json"},
			expects: "text or json", help: "text (default) or json, an object a line",
			man: "How log lines are written:\n.Cm text\n(default), or\n.Cm json ,\nan object in each line.\n" +
				"On the passive side every line about a measurement has its peer and, once it is known, its measurement's ID.",
			set: setLogFormat},
		{long: "metrics", argument: oneArgument, value: "ADDR:PORT", side: passiveSide, group: groupOutput, ours: true,
			expects: "an IP address and a port, for instance 127.0.0.1:9190 or [::1]:9190", help: "serve metrics there, for Prometheus",
			man: "Serves metrics in Prometheus' text format, under\n.Pa /metrics\nat this address and no other; see\n.Sx METRICS .\n" +
				"Whoever reaches that address can read them; off by default.",
			set: setMetrics},

		{long: "help", short: "h", group: groupHelp, help: "this text",
			man: "Prints a summary of the options.",
			set: func(line *commandLine, _ string) error { line.help = true; return nil }},
		{long: "version", short: "v", group: groupHelp, help: "version and licence",
			man: "Prints the version and the licence.",
			set: func(line *commandLine, _ string) error { line.version = true; return nil }},
		{long: "capabilities", side: activeSide, group: groupHelp, ours: true,
			help: "what this host can do, and with HOST that one",
			man: "Prints what this program can do on this host, and why not where it cannot: transports, congestion controls, the settings of MPTCP, offloads, time stamps, limits.\n" +
				"With\n.Ar HOST\nalso what the passive side there can, which has to be this program.\nNothing is measured.\nWith\n.Fl -json\nit is a JSON document as well, described by\n.Pa docs/capabilities.schema.json .",
			set: func(line *commandLine, _ string) error { line.capabilities = true; return nil }},
		{long: "completion", argument: oneArgument, value: "SHELL", group: groupHelp, ours: true, choices: shellNames,
			expects: "bash, zsh or fish", help: "a script that completes options in a shell",
			man: "Prints a script that makes a shell complete this program's options and their values:\n.Cm bash , zsh\nor\n.Cm fish .",
			set: setCompletion},

		{long: "verbosity", argument: oneArgument, value: "N", gone: true, group: groupGone, expects: "a value", set: ignore("verbosity")},
		{long: "pathmgr", argument: oneArgument, value: "NAME", gone: true, group: groupGone, expects: "a value", set: ignore("pathmgr")},
		{long: "scheduler", argument: oneArgument, value: "NAME", gone: true, group: groupGone, expects: "a value", set: ignore("scheduler")},
	}
}
