//go:build linux

package endtoend

import (
	"encoding/csv"
	"os"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

// readTable reads a table of --csv.
func readTable(t *testing.T, path string) []map[string]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil || len(records) == 0 {
		t.Fatalf("%s: %v", path, err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// What the figures of the document are called in the scalar files.
var (
	senderNames = map[string]string{
		"bytes": "Transmitted Bytes", "packets": "Transmitted Packets", "frames": "Transmitted Frames",
		"first_us": "First Transmission", "last_us": "Last Transmission", "bit_rate": "Transmitted Bit Rate",
		"packet_rate": "Transmitted Packet Rate", "frame_rate": "Transmitted Frame Rate",
		"skipped_frames": "Skipped Frames", "empty_frames": "Empty Frames", "dropped_packets": "Dropped Packets",
		"send_calls": "Send Calls", "blocked_ms": "Blocked Time", "configured_frame_rate": "Configured Frame Rate",
		"achieved_frame_rate": "Achieved Frame Rate", "lateness/p50_ms": "Lateness Percentile 50", "lateness/max_ms": "Lateness Maximum",
		"omitted_packets": "Omitted Transmitted Packets",
	}
	receiverNames = map[string]string{
		"bytes": "Received Bytes", "packets": "Received Packets", "frames": "Received Frames",
		"first_us": "First Reception", "last_us": "Last Reception", "bit_rate": "Received Bit Rate",
		"packet_rate": "Received Packet Rate", "frame_rate": "Received Frame Rate",
		"lost_bytes": "Lost Bytes", "lost_packets": "Lost Packets", "lost_frames": "Lost Frames",
		"late_packets": "Late Packets", "duplicate_packets": "Duplicate Packets", "undecided_packets": "Undecided Packets",
		"cut_bytes": "Cut Bytes", "longest_gap_ms": "Longest Gap", "last_jitter_ms": "Jitter", "jitter/p99_ms": "Jitter Percentile 99",
		"delay/mean_ms": "Delay Mean", "delay/stddev_ms": "Delay Standard Deviation", "delay/min_ms": "Delay Minimum",
		"delay/p50_ms": "Delay Percentile 50", "delay/p90_ms": "Delay Percentile 90", "delay/p99_ms": "Delay Percentile 99",
		"delay/p99_9_ms": "Delay Percentile 99.9", "delay/max_ms": "Delay Maximum", "omitted_bytes": "Omitted Received Bytes",
		"gap_threshold_ms": "Gap Threshold", "gap_count": "Gaps", "longest_gap_at_s": "Longest Gap RelTime",
		"interval_bit_rate": "Received Bit Rate Over Interval",
	}
	totalNames = map[string]string{
		"first_us": "First Statistics Event", "last_us": "Last Statistics Event", "sent_bytes": "Transmitted Bytes",
		"sent_packet_rate": "Transmitted Packet Rate", "received_frames": "Received Frames", "received_byte_rate": "Received Byte Rate",
		"lost_packets": "Lost Packets", "process_user_s": "Process User Time", "clock_steps": "Clock Steps",
	}
)

// sameFigures holds figures of the document against their scalars: the same, or
// null where there is none, and for the time of what never happened.
func sameFigures(t *testing.T, what string, figures lab.Figures, names map[string]string, s *lab.Scalars, object string) {
	t.Helper()
	for path, name := range names {
		got, known := figures.Number(t, strings.Split(path, "/")...)
		if strings.HasSuffix(path, "_us") && s.Has(object, name) && s.Float(t, object, name) == 0 {
			if known {
				t.Errorf("%s: %s is %v, and has never been", what, path, got)
			}
			continue
		}
		if known != s.Has(object, name) {
			t.Errorf("%s: %s is known: %v, %q is in %s: %v", what, path, known, name, s.Path, !known)
			continue
		}
		if known && got != s.Float(t, object, name) {
			t.Errorf("%s: %s is %v, %q of %s is %v", what, path, got, name, object, s.Float(t, object, name))
		}
	}
}

func pointers(m map[string]*float64) lab.Figures {
	f := lab.Figures{}
	for name, v := range m {
		f[name] = nil
		if v != nil {
			f[name] = *v
		}
	}
	return f
}

// TestDocumentFigures: the document's figures are the scalars', and its
// intervals add up to them, with a warm-up and without.
func TestDocumentFigures(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	for name, args := range map[string][]string{
		"plain":   nil,
		"vectors": {"-V", "r.vec"}, "compressed vectors": {"-V", "r.vec.bz2"},
		"warm-up": {"--omit=0.5"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			args = append(args, "127.0.0.1", "-T", "1.5", "--interval=0.25", "-S", "r.sca", "--json", "r.json", "--csv=r.csv", "--json-lines",
				"-tcp", "const100:exp1000:const50:const200", "-udp", "const50:const100:const0:const0:id=7", "-mptcp", "const0:const1400:exp20:const10:description=D")
			r := n.Run(t, lab.Ours(t, args...).In(dir))
			if r.Code != 0 {
				t.Fatal(r)
			}
			d, results := lab.ReadDocument(t, dir+"/r.json"), lab.ReadResults(t, dir, "r.sca", "")
			if len(d.Flows) != 3 {
				t.Fatalf("%d flows", len(d.Flows))
			}
			for _, f := range d.Flows {
				object := lab.FlowObject(f.Flow)
				sameFigures(t, object+" outgoing", f.Outgoing.Sender, senderNames, results.Active, object)
				sameFigures(t, object+" outgoing", f.Outgoing.Receiver, receiverNames, results.Passive, object)
				sameFigures(t, object+" incoming", f.Incoming.Sender, senderNames, results.Passive, object)
				sameFigures(t, object+" incoming", f.Incoming.Receiver, receiverNames, results.Active, object)
			}
			sameFigures(t, "total", pointers(d.Active.Totals), totalNames, results.Active, "total")
			sameFigures(t, "total", pointers(d.Passive.Totals), totalNames, results.Passive, "total")
			sameFigures(t, "CPU", pointers(d.Active.CPU), map[string]string{"user_percent": "User", "idle_percent": "Idle"}, results.Active, "totalCPU")
			for _, side := range []lab.DocumentSide{d.Active, d.Passive} {
				if side.Version == nil || side.Environment["kernel"] == nil {
					t.Errorf("version %v, environment %v", side.Version, side.Environment)
				}
			}
			intervalsAddUp(t, d)
			sameRows(t, readTable(t, dir+"/r.csv"), d.Intervals)
			linesAddUp(t, d, lab.ReadLines(t, r.Stdout))
		})
	}
}

// sums are what the intervals of a flow and direction add up to.
type sums struct{ sent, received, lost float64 }

type flowWay struct {
	flow uint32
	way  string
}

// intervalsAddUp: no interval is missing, none overlaps, and all of them
// together are what was counted, the warm-up included.
func intervalsAddUp(t *testing.T, d *lab.Document) {
	t.Helper()
	all, ended := map[flowWay]*sums{}, map[flowWay]float64{}
	for i, row := range d.Intervals {
		key := flowWay{row.Flow, row.Direction}
		if row.SentPackets == nil || row.ReceivedPackets == nil || row.LostPackets == nil {
			t.Fatalf("interval %d of flow %d is not known to both sides: %+v", row.Interval, row.Flow, row)
		}
		s := all[key]
		if s == nil {
			s = new(sums)
			all[key] = s
		} else if row.Begin != ended[key] {
			t.Errorf("row %d begins at %v after an end at %v", i, row.Begin, ended[key])
		}
		ended[key] = row.End
		s.sent, s.received, s.lost = s.sent+*row.SentPackets, s.received+*row.ReceivedPackets, s.lost+*row.LostPackets
	}
	for _, f := range d.Flows {
		for way, direction := range map[string]struct{ Sender, Receiver lab.Figures }{
			"outgoing": {f.Outgoing.Sender, f.Outgoing.Receiver}, "incoming": {f.Incoming.Sender, f.Incoming.Receiver},
		} {
			s := all[flowWay{f.Flow, way}]
			if s == nil {
				s = new(sums)
			}
			want := sums{counted(t, direction.Sender, "packets"), counted(t, direction.Receiver, "packets"), counted(t, direction.Receiver, "lost_packets")}
			if *s != want {
				t.Errorf("flow %d %s: intervals add up to %+v, the flow has %+v", f.Flow, way, *s, want)
			}
		}
	}
}

// counted is a figure with what a warm-up has left out of it.
func counted(t *testing.T, f lab.Figures, name string) float64 {
	t.Helper()
	v, _ := f.Number(t, name)
	if name == "packets" {
		omitted, _ := f.Number(t, "omitted_packets")
		v += omitted
	}
	return v
}

// linesAddUp: what this side tells while it runs adds up as well, and the lines
// come in order.
func linesAddUp(t *testing.T, d *lab.Document, lines []lab.Line) {
	t.Helper()
	if len(lines) < 3 || lines[0].Event != "start" || lines[len(lines)-1].Event != "end" {
		t.Fatalf("%d lines", len(lines))
	}
	sent, count := map[uint32]float64{}, map[string]int{}
	for i, line := range lines {
		count[line.Event]++
		if i > 0 && line.Elapsed < lines[i-1].Elapsed {
			t.Errorf("line %d is of %v s, the one before of %v s", i, line.Elapsed, lines[i-1].Elapsed)
		}
		if age := time.Since(time.UnixMicro(line.Time)); age < 0 || age > time.Hour {
			t.Errorf("line %d is %v old", i, age)
		}
		if line.Event == "interval" && line.Direction == "outgoing" {
			if line.SentPackets == nil || line.ReceivedPackets != nil {
				t.Fatalf("line %d: %+v", i, line)
			}
			sent[line.Flow] += *line.SentPackets
		}
	}
	for _, f := range d.Flows {
		if want := counted(t, f.Outgoing.Sender, "packets"); sent[f.Flow] != want {
			t.Errorf("flow %d: lines say %v sent, the flow has %v", f.Flow, sent[f.Flow], want)
		}
	}
	if count["flow"] != len(d.Flows) || count["transport"] < 2*len(d.Flows) || count["error"] != 0 {
		t.Errorf("lines: %v", count)
	}
}

// TestLinesComeAtOnce: a line is out while the measurement goes on, and what
// follows an interruption comes as well.
func TestLinesComeAtOnce(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	p := n.Start(t, lab.Ours(t, "127.0.0.1", "-T", "60", "--interval=0.1", "--quiet", "--json-lines", "-tcp", "const100:const100"))
	for _, event := range []string{"start", "transport", "interval"} {
		p.Await(t, event, 30*time.Second, func() bool { return strings.Contains(p.Output(), `{"event":"`+event+`"`) })
	}
	r := p.Stop()
	lines := lab.ReadLines(t, r.Stdout)
	last := lines[len(lines)-1]
	if r.Code != 130 || last.Event != "end" || last.ExitStatus != 130 {
		t.Fatalf("last line %+v: %v", last, r)
	}
	if e := lines[len(lines)-2]; e.Event != "error" || e.Error == nil || e.Error.Kind != "interrupted" {
		t.Errorf("the line before the last: %+v", e)
	}
}

// TestTransportLines: a path that comes while the measurement runs is told.
func TestTransportLines(t *testing.T) {
	paths := lab.TwoPaths(t)
	paths.Server.StartPassive(t, 9000, "--quiet")
	r := paths.Client.Run(t, lab.Ours(t, paths.ServerAddr[0].String(), "-T", "3", "--interval=0.1", "--json-lines", "-mptcp", "const0:const1460"))
	if r.Code != 0 {
		t.Fatal(r)
	}
	var counts []int
	for _, line := range lab.ReadLines(t, r.Stdout) {
		if line.Event == "transport" {
			counts = append(counts, len(line.Transport.Active.Paths))
		}
	}
	if len(counts) < 2 || counts[len(counts)-1] < 2 || counts[0] == 1 && len(counts) < 3 {
		t.Errorf("the lines say %v paths", counts)
	}
}
