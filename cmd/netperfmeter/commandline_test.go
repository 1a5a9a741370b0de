package main

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"netperfmeter/channels"
	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/wire"
)

func parsed(t *testing.T, text string) *commandLine {
	t.Helper()
	line, err := parseCommandLine(words(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return line
}

// TestPublished takes the command lines of the published tutorials.
func TestPublished(t *testing.T) {
	tests := []struct {
		line  string
		flows string
	}{
		{"9000", ""},
		{"h:9000 -tcp const10:const1460:const0:const0", "TCP"},
		{"h:9000 -tcp const0:const1460:const10:const1460", "TCP"},
		{"h:9000 -tcp const0:const1460:const0:const0:cmt=mptcp -tcp const0:const1460:const0:const0:cmt=off", "MPTCP TCP"},
		{"h:9000 -runtime=60 -scalar=scalars.sca.bz2 -vector=vectors.vec.bz2 -tcp const0:const1460:const0:const0:cmt=mptcp -tcp const0:const1460:const0:const0:cmt=off", "MPTCP TCP"},
		{"h:9000 -config=o.config -vector=o.vec.bz2 -scalar=o.sca.bz2 -runtime=10 -count=10 -udp const0:const0:const25:const2500:onoff=+pareto0.166667,1.5,+pareto0.166667,1.5,repeat", "UDP"},
		{"-control-over-tcp -verbosity=0 -pathmgr=fullmesh h -sctp default default -k default", ""},
		{"--embedded", ""},
		{"-control-over-tcp -t default h -s default:unordered=1 default", "TCP SCTP SCTP"},
	}
	for _, test := range tests {
		line, err := parseCommandLine(words(test.line))
		if strings.HasPrefix(test.line, "-control-over-tcp -verbosity") {
			// HOST stands where -sctp does not take it, so this is right too.
			test.flows = "SCTP SCTP QUIC"
		}
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		var flows []string
		for _, f := range line.flows {
			flows = append(flows, f.spec.Protocol.String())
		}
		if got := strings.Join(flows, " "); got != test.flows {
			t.Errorf("%s gives the flows %s", test.line, got)
		}
	}
}

func TestValues(t *testing.T) {
	line := parsed(t, "h:1234 -t default -T 1.5 -N 3 --seed 7 --batch=1 --vector-every 10 --interval 0.1 --peer-version=1.9"+
		" --timer economical --disable gro,mmsg -C c -S s -V v -A a -P p -w -l 10.0.0.1,::1 -6 -nodisplay -q -logcolor on -logappend f")
	want := &commandLine{
		target: target{text: "h:1234", host: "h", port: 1234, portSet: true},
		count:  3, runtime: 1500 * time.Millisecond, seed: 7, batch: 1, vectorEvery: 10, interval: 100 * time.Millisecond,
		peerVersion: control.Version19, timer: flow.Economical, offloads: channels.Offloads{NoGRO: true, NoMmsg: true},
		configFile: "c", scalarFile: "s", vectorFile: "v", activeName: "a", passiveName: "p",
		control: wire.MPTCP, accept: map[wire.Protocol]bool{wire.MPTCP: true, wire.TCP: true},
		controlLocal: addressList{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")}, v6only: true,
		display: displayOff, logLevel: logLevels[4], logColor: "on", logFile: "f", logAppend: true,
	}
	line.given, line.flows = nil, nil
	if !reflect.DeepEqual(line, want) {
		t.Errorf("got  %+v\nwant %+v", line, want)
	}
}

// TestPosition: -L, -o and -i hold for the flows that follow.
func TestPosition(t *testing.T) {
	line := parsed(t, "-t default -L 10.0.0.1 -o 1000 h -t default -i=2000 -L 10.0.0.2,10.0.0.3 -u default:sndbuf=5 -t default")
	var got []string
	for _, f := range line.flows {
		got = append(got, fmt.Sprint(f.local, f.spec.SndBuf, f.spec.RcvBuf))
	}
	want := "[] 0 0; [10.0.0.1] 1000 0; [10.0.0.2 10.0.0.3] 5 2000; [10.0.0.2 10.0.0.3] 1000 2000"
	if strings.Join(got, "; ") != want {
		t.Errorf("got %s", strings.Join(got, "; "))
	}
}

func TestPassiveControl(t *testing.T) {
	tests := []struct {
		line       string
		tcp, mptcp bool // refused, accepted
	}{
		{"9000", false, false},
		{"9000 -w", false, true},
		{"9000 -w -W", false, false},
		{"9000 -Y -w", false, true},
		{"9000 -w -Y", true, false},
	}
	for _, test := range tests {
		line := parsed(t, test.line)
		if line.refuses(wire.TCP) != test.tcp || line.accept[wire.MPTCP] != test.mptcp {
			t.Errorf("%s: %v", test.line, line.accept)
		}
	}
}

func TestWarnings(t *testing.T) {
	tests := []struct{ line, want string }{
		{"h -t default", ""},
		{"h -t default -verbosity=1 -pathmgr x -scheduler=y", "--verbosity is obsolete and has no effect; --pathmgr is obsolete and has no effect; --scheduler is obsolete and has no effect"},
		{"9000 -S x -T 3 -N=2", "no effect on the passive side: --scalar, --count"},
		{"h -t default -X --allow-third-party", "no effect on the active side: --no-control-over-sctp, --allow-third-party"},
		{"--embedded --allow-third-party", ""},
		{"h -o 5 -t default -i 6", "--rcvbuf has no effect: it holds for flows that follow it, and none does"},
		{"--embedded -L 127.0.0.2", ""},
		{"h -t default:nodelay=on:scheduler=x", "-tcp default:nodelay=on:scheduler=x: scheduler=x is obsolete and has no effect"},
	}
	for _, test := range tests {
		if got := strings.Join(parsed(t, test.line).warnings, "; "); got != test.want {
			t.Errorf("%s warns: %s", test.line, got)
		}
	}
}

func TestUsageErrors(t *testing.T) {
	tests := []struct{ line, want string }{
		{"", "PORT (passive side) or HOST[:PORT] (active side) is missing; see netperfmeter --help"},
		{"-q", "PORT (passive side) or HOST[:PORT] (active side) is missing; see netperfmeter --help"},
		{"a b", `one PORT or HOST is expected, not 2: "a" and "b"`},
		{"h", "no flow is given; for instance -tcp const0:const1400, or -tcp default"},
		{"9000 -t default", `"9000" is a PORT, which starts a passive side, but flows need a HOST to measure against`},
		{"9000 --embedded", "--embedded takes no PORT: its passive side uses free ports"},
		{"h:9000 --embedded", "--embedded takes no PORT: its passive side uses free ports"},
		{"-sctp default default:9000", `-sctp default:9000: option "9000": `},
		{"-sctp default default", "HOST is missing; -sctp takes every word that follows it and starts with no dash, so HOST must stand before it"},
		{"h -T x", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, not "x"`},
		{"h -T 0", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, not "0"`},
		{"h -T -1", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, not "-1"`},
		{"h -T inf", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, not "inf"`},
		{"h -T nan", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, not "nan"`},
		{"h -T 1e10", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, not "1e10"`},
		{"h -T=", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, not ""`},
		{"h -N 0", `option --count (-N) expects a number, 1 to 65536, not "0"`},
		{"h -o 4294967296", `option --sndbuf (-o) expects a number of bytes, 0 (the system's choice) to 2147483647, not "4294967296"`},
		{"h -o -1", `option --sndbuf (-o) expects a number of bytes, 0 (the system's choice) to 2147483647, not "-1"`},
		{"h -L host", `option --local (-L) expects IP addresses, separated by commas, not "host"`},
		{"h -L 10.0.0.1,", `option --local (-L) expects IP addresses, separated by commas, not "10.0.0.1,"`},
		{"h -l ::1,::1", `option --controllocal (-l): ::1 comes twice`},
		{"h -loglevel 6", `option --loglevel expects 0 (trace), 1 (debug), 2 (info), 3 (warning), 4 (error) or 5 (fatal), not "6"`},
		{"h -logcolor yes", `option --logcolor expects on or off, not "yes"`},
		{"h --peer-version 3", `option --peer-version expects 1.9 or 2.0, not "3"`},
		{"h --timer fast", `option --timer expects precise or economical, not "fast"`},
		{"h --disable tso", `option --disable expects a list of gso, gro, mmsg, timestamps, separated by commas, not "tso"`},
		{"h --interval 0.001", `option --interval expects a number of seconds, 0.01 to 86400, not "0.001"`},
		{"h --seed 0", `option --seed expects a number, 1 to 18446744073709551615, not "0"`},
		{"h -C=", `option --config (-C) expects a file name, not ""`},
		{"h -S dir/", `option --scalar (-S) expects a file name, not "dir/"`},
		{"h -t default -S x -V x", `--scalar and --vector name the same file "x"`},
		{"h -t default -T 2 --omit 2", "--omit leaves nothing of --runtime to measure: 2s of 2s"},
		{"h --omit 0", `option --omit expects a number of seconds, 0.001 to 86400, not "0"`},
		{"h -t const10:bad", "-tcp const10:bad: "},
		{"h -t default:id=1 -u default:rate", "-udp default:rate: "},
	}
	for _, test := range tests {
		_, err := parseCommandLine(words(test.line))
		var usage *usageError
		if !errors.As(err, &usage) || exitStatus(err) != exitUsage {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		// What package traffic says of a FLOWSPEC is tested there.
		if err.Error() != test.want && !(strings.HasSuffix(test.want, ": ") && strings.HasPrefix(err.Error(), test.want)) {
			t.Errorf("%s\ngives %v\nnot   %s", test.line, err, test.want)
		}
		if strings.ContainsAny(err.Error(), "\n\r") {
			t.Errorf("%s: the reason has several lines", test.line)
		}
	}
}

func TestHelpAndVersionComeFirst(t *testing.T) {
	for _, text := range []string{"-h", "--help", "-v", "h -version -t default", "9000 -h -t default"} {
		if line := parsed(t, text); !line.help && !line.version {
			t.Errorf("%s is not taken", text)
		}
	}
}
