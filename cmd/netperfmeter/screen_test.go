package main

import (
	"bytes"
	"testing"
	"time"

	"netperfmeter/active"
	"netperfmeter/flow"
	"netperfmeter/stats"
)

func TestScreen(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, width: func() int { return 8 }}
	s.Write([]byte("one\n"))
	s.show("status line")
	s.Write([]byte("two\n"))
	s.show("é")
	s.clear()
	s.clear()
	s.Write([]byte("three\n"))
	want := "one\n" + eraseLine + "status " + eraseLine + "two\nstatus " + eraseLine + "é" + eraseLine + "three\n"
	if out.String() != want {
		t.Errorf("got %q", out.String())
	}
}

func TestScreenWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	s := &screen{out: &out, newLine: true}
	s.show("status line")
	s.Write([]byte("one\n"))
	s.clear()
	if out.String() != "status line\none\n" {
		t.Errorf("got %q", out.String())
	}
}

func TestDisplays(t *testing.T) {
	for _, test := range []struct {
		mode           displayMode
		terminal, want bool
	}{
		{displayAuto, true, true}, {displayAuto, false, false},
		{displayOn, false, true}, {displayOff, true, false},
	} {
		if displays(test.mode, test.terminal) != test.want {
			t.Errorf("%+v", test)
		}
	}
}

func TestStatusLine(t *testing.T) {
	p := active.Progress{Phase: active.Measuring, Elapsed: 12 * time.Second, Remaining: 48 * time.Second, Flows: 4}
	p.SendRate, p.ReceiveRate, p.CPU = 9.4e9, 12345, 23.4
	p.Received, p.Lost = stats.Counts{Packets: 75}, stats.Counts{Packets: 25}
	for _, test := range []struct {
		p    active.Progress
		want string
	}{
		{p, "12.0 s, 48.0 s left, 4 flows, out 9.40 Gbit/s, in 12.3 kbit/s, lost 25.00 %, CPU 23 %"},
		{active.Progress{Remaining: -1, Elapsed: time.Hour}, "1:00:00 h, out 0 bit/s, in 0 bit/s, lost 0 %, CPU 0 %"},
		{active.Progress{Phase: active.SettingUp, Flows: 1, Progress: flow.Progress{}}, "setting up, 1 flow"},
		{active.Progress{Phase: active.Collecting, Flows: 200}, "collecting results, 200 flows"},
	} {
		if got := statusLine(test.p); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
