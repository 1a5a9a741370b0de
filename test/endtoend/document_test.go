//go:build linux

package endtoend

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// ends checks that a document tells how its program ended.
func ends(t *testing.T, d *lab.Document, r lab.Result, code int, kind string) {
	t.Helper()
	if r.Code != code || r.TimedOut {
		t.Fatalf("want exit status %d: %v", code, r)
	}
	if d.ExitStatus != code || (d.Error == nil) != (code == 0) {
		t.Fatalf("the document says exit status %d, error %+v", d.ExitStatus, d.Error)
	}
	if d.Error == nil {
		return
	}
	last := lastLine(r.Stderr)
	if d.Error.Kind != kind || d.Error.ExitStatus != code || "netperfmeter: "+d.Error.Message != last {
		t.Errorf("error %+v, stderr ends with %q", *d.Error, last)
	}
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndexByte(text, '\n')+1:]
}

// TestDocuments: however a run ends, its document is there, valid, and says how.
func TestDocuments(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "ss", "iptables")
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	n.StartPassive(t, 9300, "--quiet")
	n.Shell(t, "iptables -t mangle -A OUTPUT -p tcp --dport 9299 -j TCPOPTSTRIP --strip-options 30")
	running := func(act func(p *lab.Process)) func(*testing.T, lab.Command) lab.Result {
		return func(t *testing.T, c lab.Command) lab.Result {
			p := n.Start(t, c)
			p.Await(t, "measuring", 30*time.Second, func() bool { return strings.Contains(p.Output(), "\n0.2 s") })
			act(p)
			return p.Wait()
		}
	}
	flows := []string{"--interval=0.1", "--display", "-tcp", "const100:const1000:const50:const200:description=A \"name\"", "-udp", "const50:const100"}
	for _, test := range []struct {
		name    string
		args    []string
		run     func(*testing.T, lab.Command) lab.Result // nil: to its end
		code    int
		kind    string
		started bool
		flows   int
	}{
		{"complete", append([]string{"127.0.0.1", "-T", "0.5"}, flows...), nil, 0, "", true, 2},
		{"until the signal", append([]string{"127.0.0.1"}, flows...), running(func(p *lab.Process) { p.Signal(syscall.SIGTERM) }), 0, "", true, 2},
		{"interrupted", append([]string{"127.0.0.1", "-T", "60"}, flows...), running(func(p *lab.Process) { p.Signal(syscall.SIGINT) }), 130, "interrupted", true, 2},
		{"aborted", append([]string{"127.0.0.1", "-T", "60"}, flows...), running(func(p *lab.Process) { n.Shell(t, "ss -K -t dport = 9000") }), 5, "aborted", true, 2},
		{"control channel lost", append([]string{"127.0.0.1", "-T", "60"}, flows...), running(func(p *lab.Process) { n.Shell(t, "ss -K -t dport = 9001") }), 2, "unreachable", true, 2},
		{"unreachable", append([]string{"127.0.0.1:9100", "-T", "1"}, flows...), nil, 2, "unreachable", false, 2},
		{"no such host", append([]string{"host.invalid", "-T", "1"}, flows...), nil, 2, "unreachable", false, 2},
		{"refused", []string{"127.0.0.1", "-T", "1", "-tcp", "const1:const1:const0:const0:cc=nonsense"}, nil, 3, "refused", false, 1},
		{"a requirement is not met", []string{"127.0.0.1:9300", "-T", "1", "--require-mptcp", "-mptcp", "default"}, nil, 4, "requirement", false, 1},
		{"a wrong word", []string{"127.0.0.1", "-T", "x", "-tcp", "default"}, nil, 1, "usage", false, 0},
		{"an unknown option", []string{"127.0.0.1", "-nonsense", "-tcp", "default"}, nil, 1, "usage", false, 0},
		{"no flow", []string{"127.0.0.1", "-T", "1"}, nil, 1, "usage", false, 0},
		{"a file that cannot be", append([]string{"127.0.0.1", "-T", "1", "-S", "/nowhere/r.sca"}, flows...), nil, 6, "results", false, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if test.run == nil {
				test.run = func(t *testing.T, c lab.Command) lab.Result { return n.Run(t, c) }
			}
			r := test.run(t, lab.Ours(t, append(test.args, "--json=r.json", "--csv", "r.csv")...).In(dir))
			d := lab.ReadDocument(t, dir+"/r.json")
			ends(t, d, r, test.code, test.kind)
			if d.Measurement.Started != test.started || len(d.Flows) != test.flows || (len(d.Intervals) > 0) != test.started {
				t.Errorf("started %v, %d flows, %d intervals", d.Measurement.Started, len(d.Flows), len(d.Intervals))
			}
			if d.Measurement.Interrupted != (test.code == 130) || len(d.CommandLine) != 1+len(test.args)+3 {
				t.Errorf("interrupted %v, command line %q", d.Measurement.Interrupted, d.CommandLine)
			}
			sameRows(t, readTable(t, dir+"/r.csv"), d.Intervals)
		})
	}
}

// TestDocumentWhenKilled: the second signal leaves no time for results, but for
// a document that says so.
func TestDocumentWhenKilled(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	passive := n.StartPassive(t, 9000, "--quiet")
	dir := t.TempDir()
	p := n.Start(t, lab.Ours(t, "127.0.0.1", "-T", "60", "--json", "r.json", "--interval=0.1", "--display", "-tcp", "const100:const100").In(dir))
	p.Await(t, "measuring", 30*time.Second, func() bool { return strings.Contains(p.Output(), "\n0.2 s") })
	passive.Signal(syscall.SIGSTOP) // so that the measurement cannot end in order
	defer passive.Signal(syscall.SIGCONT)
	p.Signal(syscall.SIGINT)
	p.Await(t, "ending in order", 30*time.Second, func() bool { return strings.Contains(p.Output(), "ending in order") })
	time.Sleep(2100 * time.Millisecond) // earlier signals are the same wish
	p.Signal(syscall.SIGTERM)
	r := p.Wait()
	exits(t, r, 130, "second signal")
	ends(t, lab.ReadDocument(t, dir+"/r.json"), r, 130, "interrupted")
}

// TestDocumentOfFullDisk: the document says which file is missing; one that does
// not fit itself leaves nothing behind.
func TestDocumentOfFullDisk(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "unshare", "mount")
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	for _, test := range []struct {
		name, json, vector, failing string
		kilobytes                   int
	}{
		{"vectors", "r.json", "disk/r.vec", "disk/r-passive-00000000-0000.vec", 60},
		{"the document", "disk/r.json", "r.vec", "disk/r.json", 4},
		{"the table", "r.json", "r.vec", "disk/r.csv", 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Mkdir(dir+"/disk", 0o755); err != nil {
				t.Fatal(err)
			}
			table := "r.csv"
			if test.failing == "disk/r.csv" {
				table = test.failing
			}
			args := append([]string{"127.0.0.1", "-T", "1", "--interval=0.01", "--json=" + test.json, "--csv=" + table, "-V", test.vector}, fullFlows...)
			r := n.Run(t, withSmallDisk(lab.Ours(t, args...), dir+"/disk", test.kilobytes).In(dir))
			if r.Code == 77 {
				lab.Unable(t, "cannot mount: %s", r.Stderr)
			}
			exits(t, r, 6, test.failing)
			if test.json == "r.json" {
				d := lab.ReadDocument(t, dir+"/r.json")
				ends(t, d, r, 6, "results")
				if !strings.Contains(d.Error.Message, test.failing) || len(d.Intervals) == 0 {
					t.Errorf("%d intervals, error %+v", len(d.Intervals), *d.Error)
				}
				return
			}
			if left, _ := filepath.Glob(dir + "/disk.left/*"); len(left) > 0 {
				t.Errorf("left on the full disk: %s", left)
			}
		})
	}
	dir := t.TempDir()
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-T", "0.3", "--json", "/dev/full", "-S", "r.sca", "-tcp", "const10:const10").In(dir))
	exits(t, r, 6, "/dev/full")
	if s := lab.ReadScalars(t, dir+"/r-active.sca"); len(s.Lines) == 0 {
		t.Error("the scalars are empty")
	}
}

// TestDocumentOnStdout: with results for programs on stdout nothing else goes
// there.
func TestDocumentOnStdout(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	for _, args := range [][]string{
		{"127.0.0.1", "-T", "0.3", "--json", "-", "-tcp", "const10:const10"},
		{"127.0.0.1:9100", "-T", "0.3", "--json=-", "-tcp", "const10:const10"},
		{"127.0.0.1:9100", "-T", "x", "-json", "-"},
	} {
		r := n.Run(t, lab.Ours(t, args...))
		var d lab.Document
		lab.Valid(t, r.Stdout, lab.ResultsSchema, &d)
		if d.ExitStatus != r.Code {
			t.Errorf("%q: the document says %d: %v", args, d.ExitStatus, r)
		}
	}
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-T", "0.3", "--csv", "-", "-tcp", "const10:const10"))
	path := t.TempDir() + "/table"
	if err := os.WriteFile(path, []byte(r.Stdout), 0o644); err != nil {
		t.Fatal(err)
	}
	if rows := readTable(t, path); r.Code != 0 || len(rows) == 0 {
		t.Errorf("table: %v", r)
	}
	r = n.Run(t, lab.Ours(t, "127.0.0.1", "-T", "0.3", "--json", "-", "--json-lines", "-tcp", "const10:const10"))
	exits(t, r, 1, "stdout")
	var d lab.Document
	lab.Valid(t, r.Stdout, lab.ResultsSchema, &d)
}

// TestReaderGoesAway: a pipe that is closed on the other side is an error to
// report at the end of a whole measurement.
func TestReaderGoesAway(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	dir := t.TempDir()
	c := lab.Ours(t, "127.0.0.1", "-T", "0.5", "--interval=0.1", "--json-lines", "--json=r.json", "-S", "r.sca", "-tcp", "const100:const100")
	c.Name, c.Args = "sh", append([]string{"-c", `{ "$@"; echo $? >code; } | head -n 1`, "sh", c.Name}, c.Args...)
	r := n.Run(t, c.In(dir))
	code, err := os.ReadFile(dir + "/code")
	if strings.TrimSpace(string(code)) != "6" || !strings.Contains(lastLine(r.Stderr), "broken pipe") {
		t.Errorf("exit status %s, %v: %v", code, err, r)
	}
	if d := lab.ReadDocument(t, dir+"/r.json"); !d.Measurement.Started || len(d.Intervals) == 0 {
		t.Errorf("document: %+v", d.Measurement)
	}
	lab.ReadResults(t, dir, "r.sca", "")
}

// sameRows: the table has what the document has.
func sameRows(t *testing.T, table []map[string]string, rows []lab.Row) {
	t.Helper()
	if len(table) != len(rows) {
		t.Fatalf("%d rows in the table, %d in the document", len(table), len(rows))
	}
	for i, row := range rows {
		cells := table[i]
		for name, want := range map[string]*float64{
			"sent_bytes": row.SentBytes, "received_packets": row.ReceivedPackets, "lost_packets": row.LostPackets, "begin_s": &row.Begin, "end_s": &row.End,
		} {
			text := ""
			if want != nil {
				text = fmt.Sprint(*want)
			}
			var got, is float64
			fmt.Sscan(cells[name], &got)
			fmt.Sscan(text, &is)
			if got != is || (cells[name] == "") != (text == "") {
				t.Errorf("row %d: %s is %s in the table, %s in the document", i, name, cells[name], text)
			}
		}
		if cells["flow"] != fmt.Sprint(row.Flow) || cells["direction"] != row.Direction {
			t.Errorf("row %d is of flow %s, %s", i, cells["flow"], cells["direction"])
		}
	}
}
