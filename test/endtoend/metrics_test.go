//go:build linux

package endtoend

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"netperfmeter/test/lab"
)

const metricsAt = "127.0.0.1:9190"

// figures compares values of the page.
func figures(t *testing.T, values lab.Metrics, want map[string]float64) {
	t.Helper()
	for name, value := range want {
		if got, there := values["netperfmeter_"+name]; !there || got != value {
			t.Errorf("%s is %v (there: %v), want %v", name, got, there, value)
		}
	}
}

// TestMetrics: promtool accepts the page, at every time; the bytes are those of the scalars; no client adds a line to
// it; and nobody listens where the page was not asked for.
func TestMetrics(t *testing.T) {
	t.Parallel()
	lab.NeedTools(t, "promtool")
	n := lab.Loopback(t)
	p := n.StartPassive(t, 9000, "--metrics", metricsAt, "--quiet")
	page, before := n.Scrape(t, metricsAt)
	promtool(t, page)
	figures(t, before, map[string]float64{
		"measurements_running": 0, `flows_added_total{transport="udp"}`: 0, `refusals_total{reason="duplicate_flow"}`: 0,
	})
	dir := t.TempDir()
	r := n.Start(t, lab.Ours(t, "127.0.0.1", "-scalar=r.sca", "-tcp", "const50:const1000:const50:const500", "-udp", "const50:const200:const50:const100").In(dir))
	r.Await(t, "running", 30*time.Second, func() bool {
		page, during := n.Scrape(t, metricsAt)
		if during["netperfmeter_measurements_running"] != 1 || during[`netperfmeter_received_bytes_total{transport="udp"}`] == 0 {
			return false
		}
		promtool(t, page)
		figures(t, during, map[string]float64{`connections{channel="control"}`: 1, `connections{channel="data"}`: 1, `flows{transport="tcp"}`: 1})
		return true
	})
	if r := r.Stop(); r.Code != 0 {
		t.Fatal(r)
	}
	refusals := hostile{measurement: 0x77}
	conn := dialFrom(t, n, "tcp", "", "127.0.0.1:9001")
	conn.Write(refusals.stop())
	if got := answer(conn, nil, patience); got != refused {
		t.Errorf("STOP before START is %v", got)
	}
	conn.Close()
	want := map[string]float64{
		"measurements_started_total": 1, `measurements_ended_total{outcome="completed"}`: 1, `measurements_ended_total{outcome="broken"}`: 0,
		"measurements_running": 0, `refusals_total{reason="out_of_order"}`: 1, `connections_accepted_total{channel="control"}`: 2,
	}
	passive := lab.ReadScalars(t, dir+"/r-passive.sca")
	for id, transport := range []string{"tcp", "udp"} {
		sent, got := passive.Counts(t, fmt.Sprintf("flow[%d]", id), "Transmitted"), passive.Counts(t, fmt.Sprintf("flow[%d]", id), "Received")
		label := `{transport="` + transport + `"}`
		want["flows_added_total"+label], want["flows"+label] = 1, 0
		want["sent_bytes_total"+label], want["received_bytes_total"+label] = float64(sent.Bytes), float64(got.Bytes)
		want["sent_messages_total"+label], want["received_messages_total"+label] = float64(sent.Packets), float64(got.Packets)
	}
	var after lab.Metrics
	p.Await(t, "connections closed", 30*time.Second, func() bool {
		page, after = n.Scrape(t, metricsAt)
		return after[`netperfmeter_connections{channel="control"}`] == 0 && after[`netperfmeter_connections{channel="data"}`] == 0
	})
	promtool(t, page)
	figures(t, after, want)
	for name := range after {
		if _, there := before[name]; !there && strings.HasPrefix(name, "netperfmeter_") {
			t.Errorf("a measurement has added %s", name)
		}
	}
	for _, name := range []string{"process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds", "go_goroutines"} {
		if after[name] <= 0 {
			t.Errorf("%s is %v", name, after[name])
		}
	}
	if r := p.Stop(); r.Code != 0 || r.Elapsed > time.Minute {
		t.Errorf("passive side: %v", r)
	}
}

// promtool reads the page, and has no complaint.
func promtool(t *testing.T, page []byte) {
	t.Helper()
	// Its further complaints are about the wording of Go's own metrics in later versions than Debian's.
	r := lab.Run(t, lab.Command{Name: "promtool", Args: []string{"check", "metrics"}, Stdin: page})
	if r.Code != 0 {
		t.Errorf("promtool: %v", r)
	}
}

// TestMetricsOff: nothing listens without the option, an address that cannot be bound is named, and HOST needs none.
func TestMetricsOff(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	n.StartPassive(t, 9000, "--quiet")
	if n.Listening("tcp", 9190) {
		t.Error("somebody listens on 9190")
	}
	exits(t, n.Run(t, lab.Ours(t, "9300", "--metrics", "127.0.0.1:9001")), 1, "127.0.0.1:9001")
	exits(t, n.Run(t, lab.Ours(t, "9300", "--metrics", "9190")), 1, "--metrics expects an IP address and a port")
}

// TestLogOfMeasurement: each line of the passive side about a measurement names its peer and its ID.
func TestLogOfMeasurement(t *testing.T) {
	t.Parallel()
	n := lab.Loopback(t)
	p := n.StartPassive(t, 9000, "--logformat", "json", "--verbose", "--nodisplay")
	r := n.Run(t, lab.Ours(t, "127.0.0.1", "-runtime=0.3", "-vector=r.vec", "-tcp", "const50:const1000", "-udp", "const50:const100").In(t.TempDir()))
	if r.Code != 0 {
		t.Fatal(r)
	}
	type line struct{ Time, Level, Msg, Peer, Measurement string }
	var seen []line
	p.Await(t, "the end", 30*time.Second, func() bool {
		seen = nil
		for text := range strings.Lines(p.Output()) {
			var l line
			if err := json.Unmarshal([]byte(text), &l); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			seen = append(seen, l)
		}
		return seen[len(seen)-1].Msg == "control connection ended"
	})
	about, measurement, waiting := 0, "", false
	for _, l := range seen {
		if l.Time == "" || l.Level == "" || l.Msg == "" {
			t.Errorf("%+v", l)
		}
		if l.Msg == "waiting for measurements" {
			waiting = true
			continue
		}
		if !waiting || l.Msg == "control connection accepted" {
			continue // of the program's start, and before there is a measurement
		}
		if about++; measurement == "" {
			measurement = l.Measurement
		}
		if len(l.Measurement) != 16 || l.Measurement != measurement || !strings.HasPrefix(l.Peer, "127.0.0.1:") {
			t.Errorf("%+v does not name the measurement %s and its peer", l, measurement)
		}
	}
	if about < 4 {
		t.Errorf("%d lines about the measurement: %+v", about, seen)
	}
}
