//go:build linux

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// measured is a measurement of ours for the tools to read, made once for each
// test in a folder of its own.
func measured(t *testing.T, args ...string) (dir string) {
	t.Helper()
	n := lab.Loopback(t)
	dir = t.TempDir()
	r := n.Run(t, lab.Ours(t, append([]string{"--embedded", "--quiet"}, args...)...).In(dir).For(2*time.Minute))
	if r.Code != 0 {
		t.Fatal(r)
	}
	return dir
}

func runTool(t *testing.T, c lab.Command) string {
	t.Helper()
	lab.NeedTools(t, c.Name)
	r := lab.Run(t, c.For(3*time.Minute))
	if r.Code != 0 || r.TimedOut {
		t.Fatalf("%v: %v", c, r)
	}
	return r.Stdout + r.Stderr
}

// summarise makes tables of both sides' scalars with the reference's tool.
func summarise(t *testing.T, dir, results, suffix string) []string {
	t.Helper()
	if err := os.Mkdir(filepath.Join(dir, results), 0o755); err != nil {
		t.Fatal(err)
	}
	commands := fmt.Sprintf("--simulationsdirectory=%s\n--resultsdirectory=%s\n--values=\"A\"\n--input=r-active.sca%s\n--values=\"P\"\n--input=r-passive.sca%s\n",
		dir, filepath.Join(dir, results), suffix, suffix)
	runTool(t, lab.Command{Name: "createsummary", Args: []string{"Side", "-batch"}, Stdin: []byte(commands), Dir: dir})
	tables, err := filepath.Glob(filepath.Join(dir, results, "*.data.bz2"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	return tables
}

// table reads one: column names, and rows by their fields.
func table(t *testing.T, path string) (columns []string, rows [][]string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(runTool(t, lab.Command{Name: "bzcat", Args: []string{path}})), "\n")
	for _, l := range lines[1:] {
		rows = append(rows, strings.Fields(l))
	}
	return strings.Fields(lines[0]), rows
}

// TestCreateSummary: as many tables from compressed scalars as from plain
// ones, with our values. There are so many flows that the file has several
// blocks: a reader that ended after the first would lose most of them.
func TestCreateSummary(t *testing.T) {
	const flows = 400
	dir := measured(t, "-runtime=0.5", fmt.Sprintf("-count=%d", flows), "-scalar=r.sca.bz2", "-udp", "uniform5,30:uniform50,500:uniform5,30:uniform50,500")
	for _, side := range []string{"active", "passive"} {
		runTool(t, lab.Command{Name: "bzip2", Args: []string{"-dk", "r-" + side + ".sca.bz2"}, Dir: dir})
	}
	if info, err := os.Stat(dir + "/r-active.sca"); err != nil || info.Size() < 1_000_000 {
		t.Fatalf("the file is too small for several blocks: %v, %v", info, err)
	}
	packed, plain := summarise(t, dir, "packed", ".bz2"), summarise(t, dir, "plain", "")
	if len(packed) != len(plain) || len(plain) < 60 {
		t.Errorf("%d tables from compressed scalars, %d from plain ones", len(packed), len(plain))
	}
	scalars := lab.ReadResults(t, dir, "r.sca.bz2", "")
	for _, s := range []*lab.Scalars{scalars.Active, scalars.Passive} {
		for _, name := range []string{"Received Bytes", "Transmitted Packets", "Received Frame Rate", "Delay Mean"} {
			object := s.Side + ".flow-" + strings.ReplaceAll(name, " ", "")
			columns, rows := table(t, filepath.Join(dir, "packed", object+".data.bz2"))
			if columns[len(columns)-1] != object || len(rows) != flows {
				t.Fatalf("%s: columns %q, %d rows", object, columns, len(rows))
			}
			for _, row := range rows {
				flow, value := "flow["+row[3]+"]", row[len(row)-1]
				if want := s.Float(t, flow, name); fmt.Sprintf("%f", want) != value {
					t.Errorf("%s of %s: %s instead of %f", name, flow, value, want)
				}
			}
		}
	}
	combine(t, dir, flows)
}

// combine makes one table of two.
func combine(t *testing.T, dir string, flows int) {
	t.Helper()
	input := filepath.Join(dir, "packed", "active.flow-ReceivedBytes.data.bz2")
	commands := fmt.Sprintf("--values=\"Alpha\"\n--input=%s\n--values=\"Beta\"\n--input=%s\n", input, input)
	runTool(t, lab.Command{Name: "combinesummaries", Args: []string{dir + "/all.data.bz2", "Run", "-quiet"}, Stdin: []byte(commands)})
	if _, rows := table(t, dir+"/all.data.bz2"); len(rows) != 2*flows {
		t.Errorf("combinesummaries: %d rows instead of %d", len(rows), 2*flows)
	}
}

var toolFlows = []string{"-runtime=1.2", "--interval=0.2", "-config=r.config", "-tcp", "const100:const1000:const50:const500:description=Alpha",
	"-udp", "const50:exp800:const20:const300:description=with blanks"}

// TestPlots: the reference's plotting makes its PDF from our configuration.
func TestPlots(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "plot-netperfmeter-results", "R")
	stand, err := filepath.Abs("plotting")
	if err != nil {
		t.Fatal(err)
	}
	for _, vector := range []string{"r.vec.bz2", "r.vec"} {
		dir := measured(t, append([]string{"-vector=" + vector, "-scalar=r.sca.bz2"}, toolFlows...)...)
		out := runTool(t, lab.Command{Name: "plot-netperfmeter-results", Args: []string{"./r.config"}, Dir: dir,
			Env: []string{"PATH=" + stand + ":" + os.Getenv("PATH"), "LAB_MENDED_SCRIPT=" + dir + "/mended.R"}})
		for _, plot := range []string{"Bit Rate Sent/Received at Node ''Client''", "Per-Message Delay for Flow ''Alpha'' at Node ''Server''",
			"Frame Loss Rate at Node ''Server''", "Per-Message Jitter for Flow ''with blanks''"} {
			if !strings.Contains(out, plot) {
				t.Errorf("%s: not plotted: %s\n%s", vector, plot, out)
			}
		}
		pdf, err := os.ReadFile(dir + "/r.pdf")
		if err != nil || !strings.HasPrefix(string(pdf), "%PDF") || len(pdf) < 50_000 {
			t.Errorf("%s: PDF of %d bytes: %v\n%s", vector, len(pdf), err, out)
		}
	}
}

// TestOtherReaders: GNU R and Python sum up the vectors, and Python takes the
// scalars apart the way OMNeT++ writes them.
func TestOtherReaders(t *testing.T) {
	t.Parallel()
	const readTable = `for (name in commandArgs(TRUE)) {
		data <- read.table(if (grepl("bz2$", name)) bzfile(name) else name, header = TRUE)
		cat(sprintf("%s %d %.0f %.0f\n", name, nrow(data), sum(data$RelBytes), sum(data$RelPackets)))
	}`
	const readCSV = `import bz2, csv, sys
for name in sys.argv[1:]:
    with (bz2.open if name.endswith("bz2") else open)(name, "rt") as f:
        rows = list(csv.reader(f, delimiter="\t"))
    header = ["Line"] + rows[0]
    data = [dict(zip(header, row)) for row in rows[1:] if len(row) == len(header)]
    assert len(data) == len(rows) - 1
    print(name, len(data), sum(int(d["RelBytes"]) for d in data), sum(int(d["RelPackets"]) for d in data))`
	const readScalars = `import bz2, re, sys
line = re.compile(r'scalar\s+("(?:[^"\\]|\\.)*"|[^\s"]+)\s+("(?:[^"\\]|\\.)*"|[^\s"]+)\s+(\S+)\s*$')
for name in sys.argv[1:]:
    with (bz2.open if name.endswith("bz2") else open)(name, "rt") as f:
        values = [(m.group(1), m.group(2), float(m.group(3))) for m in map(line.match, f)]
    print(name, len(values))`
	lab.NeedTools(t, "Rscript", "python3")
	script := filepath.Join(t.TempDir(), "sums.R") // Rscript -e takes one line
	if err := os.WriteFile(script, []byte(readTable), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"", ".bz2"} {
		dir := measured(t, append([]string{"-vector=r.vec" + suffix, "-scalar=r.sca" + suffix}, toolFlows...)...)
		vectors, err := filepath.Glob(dir + "/*.vec" + suffix)
		vectors = slices.DeleteFunc(vectors, func(name string) bool { return strings.Contains(name, "-transport.") })
		if err != nil || len(vectors) != 6 {
			t.Fatalf("vectors %q, %v", vectors, err)
		}
		want := ""
		for _, name := range vectors {
			want += fmt.Sprintln(name, vectorSums(t, name))
		}
		for _, reader := range []lab.Command{{Name: "Rscript", Args: []string{script}}, {Name: "python3", Args: []string{"-c", readCSV}}} {
			reader.Args = append(reader.Args, vectors...)
			if got := runTool(t, reader); got != want {
				t.Errorf("%s reads\n%s instead of\n%s", reader.Name, got, want)
			}
		}
		for _, side := range []string{"active", "passive"} {
			path := filepath.Join(dir, lab.SideFile("r.sca"+suffix, side))
			want := fmt.Sprintln(path, len(lab.ReadScalars(t, path).Lines))
			if got := runTool(t, lab.Command{Name: "python3", Args: []string{"-c", readScalars, path}}); got != want {
				t.Errorf("scalars: %s instead of %s", got, want)
			}
		}
	}
}

// vectorSums is what a reader should find in a vector file.
func vectorSums(t *testing.T, path string) string {
	t.Helper()
	rows, bytes, packets := 0, uint64(0), uint64(0)
	add := func(c lab.Counts) {
		rows++
		bytes, packets = bytes+c.Bytes, packets+c.Packets
	}
	if strings.Count(filepath.Base(path), "-") > 1 {
		lab.EachFlowRow(t, path, func(r lab.FlowRow) { add(r.Rel) })
	} else {
		for _, r := range lab.ReadGlobalVector(t, path) {
			add(r.Rel)
		}
	}
	return fmt.Sprint(rows, bytes, packets)
}
