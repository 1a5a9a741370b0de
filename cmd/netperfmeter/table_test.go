package main

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"netperfmeter/active"
	"netperfmeter/stats"
	"netperfmeter/wire"
)

// idle is a direction that carries nothing.
var idle = active.DirectionReport{Idle: true, Known: true}

func sampleReport() *active.Report {
	return &active.Report{
		Seed: 42,
		Flows: []active.FlowReport{
			{ID: 0, Protocol: wire.MPTCP, Description: "Flow 0", Incoming: idle, Outgoing: active.DirectionReport{
				Known: true, Received: stats.Counts{Bytes: 5882804200, Packets: 4202003, Frames: 4202003},
				BitRate: 9.4123e9, DelayMean: 0.0951, DelayMedian: 0.0912, Delay99: 0.1801, DelayMax: 2.1, Jitter: 0.0121}},
			{ID: 7, Protocol: wire.UDP, Description: "Flow 7",
				Outgoing: active.DirectionReport{
					Known: true, Received: stats.Counts{Bytes: 200000, Packets: 240, Frames: 238},
					Lost: stats.Counts{Bytes: 8000, Packets: 10, Frames: 10}, Late: 3, Twice: 1,
					BitRate: 160000, DelayMean: -3.2, DelayMedian: -3.21, Delay99: 1.5, DelayMax: 12.25, Jitter: 0.95},
				Incoming: active.DirectionReport{
					Sent:    stats.Counts{Bytes: 1460, Packets: 1, Frames: 1},
					BitRate: math.NaN(), DelayMean: math.NaN(), DelayMedian: math.NaN(), Delay99: math.NaN(), DelayMax: math.NaN(), Jitter: math.NaN()}},
		},
		Warnings: []string{"something\x1b[31m to know"},
		Files:    []string{"run-active.sca", "run-passive.sca"},
	}
}

const sampleTable = `                                                                                Delay
Flow  Protocol  Way          Rate     Bytes  Packets   Frames          Lost      mean    median     99 %     max.   Jitter
   0  MPTCP     out  9.412 Gbit/s  5.883 GB  4202003  4202003             0   95.1 us   91.2 us   180 us  2.10 ms  12.1 us
   7  UDP       out  160.0 kbit/s  200.0 kB      240      238   10 (4.00 %)  -3.20 ms  -3.21 ms  1.50 ms  12.2 ms   950 us
   7  UDP       in              -  1.460 kB        1        1       unknown         -         -        -        -        -
 all            out  4.706 Gbit/s  5.883 GB  4202243  4202241  10 (<0.01 %)
`

func TestResultTable(t *testing.T) {
	got := resultTable(sampleReport(), 10*time.Second, 0)
	if got != sampleTable {
		t.Errorf("got\n%s\nnot\n%s", got, sampleTable)
	}
}

func TestNarrowTable(t *testing.T) {
	report := sampleReport()
	report.Flows[1].Description = "a \"description\" that is rather long\n"
	got := resultTable(report, 10*time.Second, 100)
	if layoutWidth(got) > 100 || strings.Count(got, "a \"description\" that ") != 4 {
		t.Errorf("got\n%s", got)
	}
}

func TestManyFlows(t *testing.T) {
	report := &active.Report{}
	for i := range 200 {
		report.Flows = append(report.Flows, active.FlowReport{ID: wire.FlowID(i), Protocol: wire.TCP, Description: fmt.Sprintf("Flow %d", i), Incoming: idle,
			Outgoing: active.DirectionReport{Known: true, Received: stats.Counts{Bytes: 1000, Packets: 1, Frames: 1}}})
	}
	got := resultTable(report, time.Second, 0)
	if n := strings.Count(got, "\n"); n != 2+firstRows+1+lastRows+1+1 {
		t.Errorf("%d lines:\n%s", n, got)
	}
	for _, part := range []string{"\n 199  TCP", "\n all            out  1.600 Mbit/s  200.0 kB      200", "160 more rows are not shown"} {
		if !strings.Contains(got, part) {
			t.Errorf("%q is missing in\n%s", part, got)
		}
	}
}

func TestSendingTable(t *testing.T) {
	none := active.SendingReport{LatenessMedian: math.NaN(), Lateness99: math.NaN(), LatenessMax: math.NaN()}
	report := &active.Report{Flows: []active.FlowReport{
		{ID: 0, Protocol: wire.TCP, Outgoing: active.DirectionReport{Sending: none}, Incoming: idle},
	}}
	if got := sendingTable(report); got != "" {
		t.Errorf("a saturated flow has\n%s", got)
	}
	report.Flows = append(report.Flows, active.FlowReport{ID: 1, Protocol: wire.UDP,
		Outgoing: active.DirectionReport{Sending: active.SendingReport{
			Configured: 100, Achieved: 99.987654, Blocked: 1500, LatenessMedian: 0.012, Lateness99: 0.5, LatenessMax: 12, Skipped: 7}},
		Incoming: active.DirectionReport{Sending: active.SendingReport{LatenessMedian: 0.01, Lateness99: 0.02, LatenessMax: 0.03}},
	})
	want := `                     Frames/s           Sent late
Flow  Protocol  Way   planned     sent     median     99 %     max.  Blocked  Skipped
   1  UDP       out       100  99.9877    12.0 us   500 us  12.0 ms   1.50 s        7
   1  UDP       in          -        -    10.0 us  20.0 us  30.0 us     0 us        0

`
	if got := sendingTable(report); got != want {
		t.Errorf("got\n%s\nnot\n%s", got, want)
	}
}

func TestEmptyTable(t *testing.T) {
	if got := resultTable(&active.Report{Flows: []active.FlowReport{{Outgoing: idle, Incoming: idle}}}, 0, 80); got != "No flow was to carry anything.\n" {
		t.Error(got)
	}
}

func TestResultNotes(t *testing.T) {
	const want = `out: Client to Server, in: back. Packets are NetPerfMeter messages, not IP packets.
Rates are over the time from a flow's first to its last message; those of all over the whole measurement.

Flow 7 out: 3 messages came late, 1 came twice

Warnings:
  something\x1b[31m to know

Files written:
  run-active.sca
  run-passive.sca
`
	if got := resultNotes(sampleReport(), 10*time.Second, "Client", "Server"); got != want {
		t.Errorf("got\n%s\nnot\n%s", got, want)
	}
}

func TestShortList(t *testing.T) {
	list := strings.Fields("a b c d e f g")
	if got := strings.Join(shortList(list, 4), " "); got != "a b ... 3 more ... f g" {
		t.Error(got)
	}
	if got := shortList(list, 7); len(got) != 7 {
		t.Error(got)
	}
}
