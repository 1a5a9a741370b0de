package stats

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"netperfmeter/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// checkGolden compares with a file in testdata.
func checkGolden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("differs from %s:\n%s", path, got)
	}
}

func testSummary(values ...float64) *Summary {
	var s Summary
	for _, v := range values {
		s.Add(v)
	}
	return &s
}

func testScalars() Scalars {
	return Scalars{
		Flows: []FlowScalars{
			{
				ID: 0,
				Sent: SentStats{Counts: Counts{16000, 16, 16}, First: 1795216404798268, Last: 1795216407797647,
					Skipped: 3, Blocked: 2500 * time.Microsecond, Batches: 16, Lateness: testSummary(0.5, 0.5)},
				Received: ReceivedStats{Counts: Counts{4500, 9, 9}, First: 1795216404798639, Last: 1795216407798911,
					Lost: Counts{500, 1, 1}, Late: Counts{1000, 2, 2}, LateDepthMax: 3, LateDepthTotal: 4, Duplicates: Counts{500, 1, 0},
					Jitter: 0.025, LongestGap: 1500 * time.Millisecond, GapStart: 1795216405798639},
				Delay: testSummary(4, 4), Jitter: testSummary(0.025),
				ConfiguredRate: 10, AchievedRate: 5,
				Extra: []NameValue{Integer("TCP Retransmissions", 7), Real("Smoothed RTT", 0.25), Real("Unknown", 0/zero())},
			},
			{ID: 4294967295, Sent: SentStats{Counts: Counts{1000, 1, 1}, First: 1795216403797119, Last: 1795216403797119}},
		},
		FirstEvent: 1795216403798070, LastEvent: 1795216407799646,
		CPUs:       []CPULoad{{User: 12.5, Idle: 87.5}, {Idle: 99.9996, SoftIRQ: 0.0004}},
		TotalCPU:   CPULoad{User: 6.25, Idle: 93.75},
		TotalExtra: []NameValue{Integer("Seed", 42)},
		Objects:    []ScalarObject{{"clock", []NameValue{Real("Offset", -0.0000001), Integer("Steps", -1)}}},
	}
}

func zero() float64 { return 0 }

func TestWriteScalars(t *testing.T) {
	var b bytes.Buffer
	if err := WriteScalars(&b, "active", testScalars()); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "small.sca", b.Bytes())
	if err := WriteScalars(&failingWriter{100}, "active", testScalars()); err == nil {
		t.Error("no error")
	}
	b.Reset()
	if err := WriteScalars(&b, "passive", Scalars{}); err != nil {
		t.Fatal(err)
	}
	if file, err := ParseScalars(&b); err != nil || file[0].Object != "netPerfMeter.passive.total" {
		t.Errorf("an empty measurement: %v, %+v", err, file)
	}
}

func TestGlobalVector(t *testing.T) {
	var b bytes.Buffer
	v := NewGlobalVector(&b)
	flows := []FlowCounters{
		{ID: 0, Description: "A \"quoted\"\tone\n\\", Sent: Counts{1000, 1, 1}},
		{ID: 10, Description: "Second", Jitter: 0.0176, Received: Counts{500, 2, 1}, Lost: Counts{400, 4, 2}},
	}
	write := func(at int64, rel, interval time.Duration) {
		t.Helper()
		if err := v.Write(GlobalEvent{Time: at, RelTime: rel, Interval: interval, Flows: flows}); err != nil {
			t.Fatal(err)
		}
	}
	write(1795216403798070, 0, 0)
	flows[0].Sent = Counts{5000, 5, 5}
	flows[1].Received, flows[1].Lost = Counts{900, 4, 2}, Counts{200, 2, 1} // two came late
	write(1795216404798348, 1000278*time.Microsecond, 1000278*time.Microsecond)
	v.line = 999997
	write(1795216405298348, 1500278*time.Microsecond, 500*time.Millisecond)
	checkGolden(t, "small.vec", b.Bytes())

	if err := NewGlobalVector(&failingWriter{10}).Write(GlobalEvent{}); err == nil {
		t.Error("no error")
	}
}

func TestWriteConfig(t *testing.T) {
	c := Config{
		ActiveName: "Active \"Node\"", PassiveName: "$(reboot) `id` \\",
		ScalarActive: "run-active.sca", ScalarPassive: "run-passive.sca", VectorActive: "-active", VectorPassive: "-passive",
		Flows: []ConfigFlow{
			{
				ID: 0, Description: "Al\npha\x7f\u0085", Protocol: wire.TCP,
				Outbound: ConfigDirection{Rate: wire.Distribution{Values: [4]float64{10}}, Size: wire.Distribution{Kind: wire.Uniform, Values: [4]float64{500, 25000}}},
				Inbound:  ConfigDirection{Rate: wire.Distribution{Kind: wire.TruncNormal, Values: [4]float64{4, 0.5}}, Size: wire.Distribution{Values: [4]float64{1}}},
				Reliable: 1, Ordered: 0.75, NoDelay: true, CongestionControl: "cubic",
				VectorActive: "run-active-00000000-0000.vec", VectorPassive: "run-passive-00000000-0000.vec",
			},
			{ID: 12, Protocol: wire.MPTCP, CongestionControl: "default", Debug: true},
		},
	}
	var b bytes.Buffer
	if err := WriteConfig(&b, c); err != nil {
		t.Fatal(err)
	}
	checkGolden(t, "small.config", b.Bytes())
	if err := WriteConfig(&failingWriter{10}, c); err == nil {
		t.Error("no error")
	}
}

func TestDistributionNames(t *testing.T) {
	for kind, want := range map[wire.DistributionKind]string{
		wire.Constant: "constant", wire.Uniform: "uniform", wire.Exponential: "exponential", wire.Pareto: "pareto",
		wire.Normal: "normal", wire.TruncNormal: "truncnormal", poisson: "poisson", 77: "distribution 77",
	} {
		if got := distributionName(kind); got != want {
			t.Errorf("%d: %s", kind, got)
		}
	}
}

func TestCleanedTexts(t *testing.T) {
	for _, tt := range []struct{ text, description, assignment string }{
		{"plain Ünïcode — $x", "plain Ünïcode — $x", "plain Ünïcode — _x"},
		{`a"b\c`, "a'b/c", "a'b/c"},
		{"a\tb\nc\rd\x00e\u2028f\u0085g", "a b c d e f g", "a b c d e f g"},
		{"`$(x)`", "`$(x)`", "__(x)_"},
		{"bad \xff\xfe utf", "bad ? utf", "bad ? utf"},
	} {
		if got := cleanDescription(tt.text); got != tt.description {
			t.Errorf("%q: description %q", tt.text, got)
		}
		if got := cleanAssignment(tt.text); got != tt.assignment {
			t.Errorf("%q: assignment %q", tt.text, got)
		}
	}
}
