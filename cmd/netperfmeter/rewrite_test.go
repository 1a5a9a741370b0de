package main

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// words splits at blanks, which is all that these tests need of a shell.
func words(line string) []string { return strings.Fields(line) }

func TestRewrite(t *testing.T) {
	tests := []struct{ in, want string }{
		{"9000", "-- 9000"},
		{"-runtime=60 h", "--runtime=60 -- h"},
		{"--runtime=60 h", "--runtime=60 -- h"},
		{"-runtime 60 h", "--runtime=60 -- h"},
		{"--runtime 60 h", "--runtime=60 -- h"},
		{"-run=60 h", "--runtime=60 -- h"},
		{"--run 60 h", "--runtime=60 -- h"},
		{"-T60 h", "--runtime=60 -- h"},
		{"-T=60 h", "--runtime=60 -- h"},
		{"-T 60 h", "--runtime=60 -- h"},
		{"-T -5", "--runtime=-5 --"},
		{"-T=", "--runtime= --"},
		{"-A -zz-", "--activenodename=-zz- --"},
		{"h:9000 -tcp const0:const1460:const0:const0", "--tcp=const0:const1460:const0:const0 -- h:9000"},
		{"h -tcp=default:onoff=1,2", "--tcp=default:onoff=1,2 -- h"},
		{"h -tdefault:onoff=1,2", "--tcp=default:onoff=1,2 -- h"},
		{"h -t=default", "--tcp=default -- h"},
		{"h -t10:100", "--tcp=10:100 -- h"},
		{"-scalar=x", "--scalar=x --"},
		{"-vec=x", "--vector=x --"}, // not --vector-every, which the reference does not have
		{"-vector-e=3", "--vector-every=3 --"},
		{"-pass=x -peer-v=1.9", "--passivenodename=x --peer-version=1.9 --"},
		{"-b 3", "--batch=3 --"}, // no option is -b: an abbreviation
		{"-s default", "--sctp=default --"},
		{"-6qy", "--v6only --quiet --control-over-tcp --"},
		{"-qT5", "--quiet --runtime=5 --"},
		{"-qT 5", "--quiet --runtime=5 --"},
		{"-! h", "--verbose -- h"},
		{"-q! h", "--quiet --verbose -- h"},
		{"-verbosity=3 -pathmgr=x -scheduler y", "--verbosity=3 --pathmgr=x --scheduler=y --"},
		{"-verb", "--verbose --"}, // obsolete options have no abbreviations
		{"-nod -no-control-over-s", "--nodisplay --no-control-over-sctp --"},
		{"-control-over-tcp -L 10.0.0.1 -o=1 -i2 h", "--control-over-tcp --local=10.0.0.1 --sndbuf=1 --rcvbuf=2 -- h"},
		{"h -sctp a b -quic c d e -q f", "--sctp=a+b --quic=c+d+e --quiet -- h f"},
		{"h -sctp=a b --sctp c", "--sctp=a+b --sctp=c -- h"},
		{"-sctp a -- b -c", "--sctp=a -- b -c"},
		{"- -q", "--quiet -- -"},
		{"-- -q", "-- -q"},
		{"-LL", "--local=L --"},
	}
	for _, test := range tests {
		got, err := rewrite(optionTable(), words(test.in))
		if text := strings.ReplaceAll(strings.Join(got, " "), wordSeparator, "+"); err != nil || text != test.want {
			t.Errorf("%s\ngives %s, %v\nnot   %s", test.in, text, err, test.want)
		}
	}
}

func TestRewriteErrors(t *testing.T) {
	tests := []struct{ in, want string }{
		{"--foo", `unknown option "--foo"`},
		{"-foo=3", `unknown option "-foo=3"`},
		{"--x", `unknown option "--x"`},
		{"-qz", `unknown option "-qz"`},
		{"-scaler=x.sca", `unknown option "-scaler=x.sca"`},
		{"-tpc const1:const1", `unknown option "-tpc"`},
		{"-=3", `unknown option "-=3"`},
		{"--=3", `unknown option "--=3"`},
		{"-é", `unknown option "-é"`},
		{"-no", `option "-no" is ambiguous: --no-control-over-sctp, --no-control-over-tcp, --no-control-over-mptcp, --nodisplay`},
		{"--log=3", `option "--log=3" is ambiguous: --loglevel, --logcolor, --logfile, --logappend, --logformat`},
		{"--ver", `option "--ver" is ambiguous: --verbose, --version`},
		{"-quiet=3", `option --quiet (-q) takes no value, but has "3"`},
		{"h -T", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, but nothing follows it`},
		{"h -T -q", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, but the option "-q" follows it`},
		{"h -T -6", `option --runtime (-T) expects a number of seconds above 0, such as 0.5 or 60, but the option "-6" follows it`},
		{"h -tcp --", `option --tcp (-t) expects a FLOWSPEC, for instance const0:const1400 or default, but the option "--" follows it`},
		{"h -S -log", `option --scalar (-S) expects a file name, but the option "-log" follows it`},
		{"h --seed", `option --seed expects a number, 1 to 18446744073709551615, but nothing follows it`},
	}
	for _, test := range tests {
		_, err := rewrite(optionTable(), words(test.in))
		var usage *usageError
		if !errors.As(err, &usage) || err.Error() != test.want {
			t.Errorf("%s\ngives %v\nnot   %s", test.in, err, test.want)
		}
	}
}

// TestEverySpelling holds the table and the rewriting together.
func TestEverySpelling(t *testing.T) {
	table := optionTable()
	for i := range table {
		o := &table[i]
		want := "--" + o.long
		spellings := [][]string{{"-" + o.long}, {"--" + o.long}}
		if o.short != "" {
			spellings = append(spellings, []string{"-" + o.short})
		}
		if o.argument != noArgument {
			want += "=10"
			for _, s := range slices.Clone(spellings) {
				spellings = append(spellings, []string{s[0] + "=10"})
			}
			for i := range spellings {
				if !strings.Contains(spellings[i][0], "=") {
					spellings[i] = append(spellings[i], "10")
				}
			}
			if o.short != "" {
				spellings = append(spellings, []string{"-" + o.short + "10"})
			}
		}
		for _, s := range spellings {
			if got, err := rewrite(table, s); err != nil || len(got) != 2 || got[0] != want {
				t.Errorf("%q gives %q, %v", s, got, err)
			}
		}
	}
}

// TestTable looks for slips in the table.
func TestTable(t *testing.T) {
	table := optionTable()
	seen := map[string]bool{}
	for _, o := range table {
		for _, name := range []string{o.long, o.short} {
			if name != "" && seen[name] {
				t.Errorf("%q is there twice", name)
			}
			seen[name] = true
		}
		if len(o.short) > 1 || o.set == nil || (o.help == "") != o.gone {
			t.Errorf("--%s: the short name, the help or the function is wrong", o.long)
		}
		if (o.argument != noArgument) != (o.value != "" && o.expects != "") {
			t.Errorf("--%s: what its value is is wrong", o.long)
		}
		if strings.HasSuffix(o.help, ".") {
			t.Errorf("--%s: the help ends with a full stop", o.long)
		}
	}
}

// FuzzRewrite checks that whatever is typed, pflag gets words that it takes as
// they are meant, and that those would be rewritten into themselves.
func FuzzRewrite(f *testing.F) {
	for _, seed := range []string{"h:9000 -tcp default -run=60", "-sctp a b -q c", "-qT5 -- -x", "9000 -!6 -verbosity=3", "- -= --= -T= -no"} {
		f.Add(seed)
	}
	table := optionTable()
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, wordSeparator) {
			return // no command line can have it
		}
		got, err := rewrite(table, strings.Split(text, " "))
		if err != nil {
			var usage *usageError
			if !errors.As(err, &usage) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		again, err := rewrite(table, got)
		if err != nil || !slices.Equal(got, again) {
			t.Fatalf("%q is rewritten into %q, %v", got, again, err)
		}
		for i := range table {
			table[i].set = func(*commandLine, string) error { return nil }
		}
		line := &commandLine{}
		flags := newFlags(table, line)
		end := slices.Index(got, "--")
		if err := flags.Parse(got); err != nil {
			t.Fatalf("pflag on %q: %v", got, err)
		}
		if len(line.given) != end || !slices.Equal(flags.Args(), got[end+1:]) {
			t.Fatalf("pflag finds %d options and %q in %q", len(line.given), flags.Args(), got)
		}
	})
}

var _ pflag.Value = flagValue{}
