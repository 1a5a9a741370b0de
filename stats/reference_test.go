package stats

import (
	"bytes"
	"compress/bzip2"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"netperfmeter/wire"
)

// referenceFiles returns the sample files of the reference that match.
func referenceFiles(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "shared", "reference", pattern))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Skip("the reference's sample files are not here")
	}
	return files
}

func readReference(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err == nil && strings.HasSuffix(path, bzip2Suffix) {
		b, err = io.ReadAll(bzip2.NewReader(bytes.NewReader(b)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// sameLines compares the lines of ours that also the reference has, given by a
// key, with the reference's.
func sameLines(t *testing.T, path, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	g, w := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Errorf("%s, line %d:\n%q, want\n%q", path, i+1, g[i], w[i])
			return
		}
	}
	t.Errorf("%s: %d lines, want %d", path, len(g), len(w))
}

// Scalars read from the reference's files and written again are the same,
// leaving out the lines that only we have.
func TestReferenceScalars(t *testing.T) {
	for _, path := range referenceFiles(t, "*/run-*.sca*") {
		text := readReference(t, path)
		file, err := ParseScalars(strings.NewReader(text))
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		side := strings.Split(file[0].Object, ".")[1]
		var b bytes.Buffer
		if err := WriteScalars(&b, side, rebuildScalars(t, file)); err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{}
		for _, s := range file {
			known[s.Object+"/"+s.Name] = true
		}
		var ours strings.Builder
		for line := range strings.Lines(b.String()) {
			if s, err := parseScalar(strings.TrimSpace(line)); err != nil || known[s.Object+"/"+s.Name] {
				ours.WriteString(line)
			}
		}
		sameLines(t, path, ours.String(), text)
	}
}

// rebuildScalars makes Scalars of a file's amounts and times; rates are left to
// be calculated.
func rebuildScalars(t *testing.T, file ScalarFile) Scalars {
	t.Helper()
	var s Scalars
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	object := ""
	for _, line := range file {
		name := line.Object[strings.LastIndexByte(line.Object, '.')+1:]
		id, isFlow := strings.CutPrefix(name, "flow[")
		isCPU := strings.HasPrefix(name, "CPU[")
		if line.Object != object {
			object = line.Object
			switch {
			case isFlow:
				s.Flows = append(s.Flows, FlowScalars{ID: wire.FlowID(number(strings.TrimSuffix(id, "]")))})
			case isCPU:
				s.CPUs = append(s.CPUs, CPULoad{})
			}
		}
		switch {
		case isFlow:
			f := &s.Flows[len(s.Flows)-1]
			setFlow(f, line.Name, func() int64 { return number(line.Text) })
		case isCPU:
			setCPU(&s.CPUs[len(s.CPUs)-1], line)
		case name == "totalCPU":
			setCPU(&s.TotalCPU, line)
		case line.Name == "First Statistics Event":
			s.FirstEvent = number(line.Text)
		case line.Name == "Last Statistics Event":
			s.LastEvent = number(line.Text)
		case strings.HasPrefix(line.Name, "Lost ") && !strings.HasSuffix(line.Name, "Rate"):
			lost := &s.Flows[0].Received.Lost // the sum is what counts
			setCounts(lost, strings.TrimPrefix(line.Name, "Lost "), uint64(number(line.Text)))
		}
	}
	return s
}

func setFlow(f *FlowScalars, name string, value func() int64) {
	switch name {
	case "First Transmission":
		f.Sent.First = value()
	case "Last Transmission":
		f.Sent.Last = value()
	case "First Reception":
		f.Received.First = value()
	case "Last Reception":
		f.Received.Last = value()
	default:
		if what, ok := strings.CutPrefix(name, "Transmitted "); ok && !strings.HasSuffix(name, "Rate") {
			setCounts(&f.Sent.Counts, what, uint64(value()))
		}
		if what, ok := strings.CutPrefix(name, "Received "); ok && !strings.HasSuffix(name, "Rate") {
			setCounts(&f.Received.Counts, what, uint64(value()))
		}
	}
}

func setCounts(c *Counts, what string, n uint64) {
	switch what {
	case "Bytes":
		c.Bytes = n
	case "Packets":
		c.Packets = n
	case "Frames":
		c.Frames = n
	}
}

func setCPU(c *CPULoad, s Scalar) {
	fields := map[string]*float64{
		"User": &c.User, "Nice": &c.Nice, "System": &c.System, "Idle": &c.Idle, "IOWait": &c.IOWait,
		"Hardware Interrupts": &c.IRQ, "Software Interrupts": &c.SoftIRQ, "Hypervisor": &c.Hypervisor,
	}
	if f := fields[s.Name]; f != nil {
		*f = s.Value
	}
}

// vectorFields are the columns of a vector's line, quoted texts without their
// quotes; a 1.9.x separates some by blanks.
func vectorFields(line string) []string {
	var fields []string
	for rest := strings.TrimSpace(line); rest != ""; {
		field, after, err := nextField(rest)
		if err != nil {
			return nil
		}
		fields = append(fields, field)
		rest = after
	}
	return fields
}

// vectorNumber reads an integer, or a number with decimals in units of the last one.
func vectorNumber(t *testing.T, field string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.Replace(field, ".", "", 1), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Global vectors of the reference, fed in event by event, come out the same.
func TestReferenceGlobalVectors(t *testing.T) {
	for _, path := range referenceFiles(t, "*/run-*ive.vec*") {
		text := readReference(t, path)
		var b bytes.Buffer
		v := NewGlobalVector(&b)
		var event GlobalEvent
		lines := strings.Split(strings.TrimSpace(text), "\n")
		for _, line := range lines[1:] {
			f := vectorFields(line) // number, times, ID, description, jitter, action, amounts
			counts := Counts{uint64(vectorNumber(t, f[8])), uint64(vectorNumber(t, f[9])), uint64(vectorNumber(t, f[10]))}
			event.Time = vectorNumber(t, f[1])
			event.RelTime = time.Duration(vectorNumber(t, f[2])) * time.Microsecond
			event.Interval = time.Duration(vectorNumber(t, f[3])) * time.Microsecond
			last := len(event.Flows) - 1
			switch {
			case f[4] == "-1":
				if f[7] == "Lost" {
					if err := v.Write(event); err != nil {
						t.Fatal(err)
					}
					event.Flows = nil
				}
			case f[7] == "Sent":
				event.Flows = append(event.Flows, FlowCounters{
					ID: wire.FlowID(vectorNumber(t, f[4])), Description: f[5],
					Jitter: float64(vectorNumber(t, f[6])) / 1000, Sent: counts,
				})
			case f[7] == "Received":
				event.Flows[last].Received = counts
			default:
				event.Flows[last].Lost = counts
			}
		}
		got := b.String()
		if strings.HasSuffix(path, bzip2Suffix) { // of a 1.9.x: other separators
			got, text = strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(text), " ")
		}
		sameLines(t, path, got, text)
	}
}

// Flow vectors of the reference, made records again, give the same lines but
// for the first message's difference and the jitter that it distorts there.
func TestReferenceFlowVectors(t *testing.T) {
	compared := 0
	for _, path := range referenceFiles(t, "*/run-*-????????-????.vec*") {
		lines := strings.Split(strings.TrimSpace(readReference(t, path)), "\n")
		var v FlowVector
		if got := strings.Join(vectorFields(string(v.Header(nil))), " "); got != strings.Join(vectorFields(lines[0]), " ") {
			t.Errorf("%s: header %q", path, lines[0])
		}
		for i, line := range lines[1:] {
			f := vectorFields(line)
			var n [13]int64
			for i := range n {
				n[i] = vectorNumber(t, f[i])
			}
			record := Record{Time: n[1], Sent: n[1] - n[10], Seq: uint64(n[3]), Length: uint32(n[7]), Frames: uint16(n[9])}
			if i == 0 {
				v.Base = n[1] - n[2]
				v.delay = n[10] - n[11] // of the message before
			}
			v.seen = Counts{uint64(n[4] - n[7]), uint64(n[5] - n[8]), uint64(n[6] - n[9])}
			if v.seen.Packets == 0 {
				f[11] = "0.000"
			}
			got := vectorFields(string(v.Append(nil, &record)))
			if strings.Join(got[:12], " ") != strings.Join(f[:12], " ") {
				t.Errorf("%s, line %d:\n%q, want\n%q", path, i+2, got, f)
			}
			compared++
		}
	}
	if compared < 300 {
		t.Errorf("only %d lines compared", compared)
	}
}

// A configuration file of the reference, read and written again, is the same.
func TestReferenceConfig(t *testing.T) {
	for _, path := range referenceFiles(t, "tcp-udp-mptcp/run.config") {
		text := readReference(t, path)
		values := map[string]string{}
		var ids []int
		for line := range strings.Lines(text) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			values[key] = strings.Trim(value, `"`)
			if id, ok := strings.CutSuffix(strings.TrimPrefix(key, "FLOW"), "_PROTOCOL"); ok {
				n, err := strconv.Atoi(id)
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, n)
			}
		}
		real := func(key string) float64 {
			v, err := strconv.ParseFloat(values[key], 64)
			if err != nil {
				t.Errorf("%s: %v", key, err)
			}
			return v
		}
		distribution := func(key, kind string) wire.Distribution {
			return wire.Distribution{Kind: wire.DistributionKind(real(key + kind)), Values: [4]float64{
				real(key + "VALUE1"), real(key + "VALUE2"), real(key + "VALUE3"), real(key + "VALUE4")}}
		}
		direction := func(key string) ConfigDirection {
			return ConfigDirection{distribution(key+"RATE_", "RNG_ID"), distribution(key+"SIZE_", "RNG")}
		}
		protocols := map[string]wire.Protocol{"TCP": wire.TCP, "MPTCP": wire.MPTCP, "UDP": wire.UDP}
		c := Config{
			values["NAME_ACTIVE_NODE"], values["NAME_PASSIVE_NODE"], values["SCALAR_ACTIVE_NODE"],
			values["SCALAR_PASSIVE_NODE"], values["VECTOR_ACTIVE_NODE"], values["VECTOR_PASSIVE_NODE"], nil,
		}
		for _, id := range ids {
			key := "FLOW" + strconv.Itoa(id) + "_"
			c.Flows = append(c.Flows, ConfigFlow{
				wire.FlowID(id), values[key+"DESCRIPTION"], protocols[values[key+"PROTOCOL"]],
				direction(key + "OUTBOUND_FRAME_"), direction(key + "INBOUND_FRAME_"), real(key + "RELIABLE"), real(key + "ORDERED"),
				values[key+"NODELAY"] == "on", values[key+"DEBUG"] == "on", values[key+"CC"],
				values[key+"VECTOR_ACTIVE_NODE"], values[key+"VECTOR_PASSIVE_NODE"],
			})
		}
		var b bytes.Buffer
		if err := WriteConfig(&b, c); err != nil {
			t.Fatal(err)
		}
		// The reference has no name for the normal distributions.
		text = strings.ReplaceAll(text, `"(invalid!)"`, `"normal"`)
		sameLines(t, path, strings.ReplaceAll(b.String(), `"truncnormal"`, `"normal"`), text)
	}
}
