package main

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"netperfmeter/passive"
)

// passiveCollector makes metrics of what a passive side counts anyway. Labels
// are transports and other words of this program: no client can add one.
type passiveCollector struct {
	server *passive.Server

	build, started, ended, running              *prometheus.Desc
	flowsAdded, flows, connections, connected   *prometheus.Desc
	sent, received, sentMessages, receivedTotal *prometheus.Desc
	refusals                                    *prometheus.Desc
}

func newPassiveCollector(server *passive.Server) *passiveCollector {
	describe := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("netperfmeter_"+name, help, labels, nil)
	}
	return &passiveCollector{
		server:        server,
		build:         describe("build_info", "The program's version; the value is always 1.", "version"),
		started:       describe("measurements_started_total", "Measurements that were started."),
		ended:         describe("measurements_ended_total", "Measurements that ended: completed by their active side, or broken off.", "outcome"),
		running:       describe("measurements_running", "Measurements that run now."),
		flowsAdded:    describe("flows_added_total", "Flows that were added.", "transport"),
		flows:         describe("flows", "Flows at hand, running or not.", "transport"),
		connections:   describe("connections", "Open connections; UDP has none.", "channel"),
		connected:     describe("connections_accepted_total", "Connections that were accepted.", "channel"),
		sent:          describe("sent_bytes_total", "Bytes of messages that flows have sent.", "transport"),
		received:      describe("received_bytes_total", "Bytes of messages that flows have received.", "transport"),
		sentMessages:  describe("sent_messages_total", "Messages that flows have sent.", "transport"),
		receivedTotal: describe("received_messages_total", "Messages that flows have received.", "transport"),
		refusals:      describe("refusals_total", "Requests, connections and datagrams that were refused.", "reason"),
	}
}

// Describe implements prometheus.Collector.
func (c *passiveCollector) Describe(out chan<- *prometheus.Desc) {
	prometheus.DescribeByCollect(c, out)
}

// Collect implements prometheus.Collector.
func (c *passiveCollector) Collect(out chan<- prometheus.Metric) {
	send := func(kind prometheus.ValueType, desc *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
	}
	counter := func(desc *prometheus.Desc, value uint64, labels ...string) {
		send(prometheus.CounterValue, desc, float64(value), labels...)
	}
	gauge := func(desc *prometheus.Desc, value int64, labels ...string) {
		send(prometheus.GaugeValue, desc, float64(value), labels...)
	}
	s := c.server.Statistics()
	gauge(c.build, 1, version)
	counter(c.started, s.Started)
	counter(c.ended, s.Completed, "completed")
	counter(c.ended, s.Broken, "broken")
	gauge(c.running, s.Running)
	for protocol, t := range s.Transports {
		name := strings.ToLower(protocol.String())
		counter(c.flowsAdded, t.Added, name)
		gauge(c.flows, t.Flows, name)
		counter(c.sent, t.Sent.Bytes, name)
		counter(c.received, t.Received.Bytes, name)
		counter(c.sentMessages, t.Sent.Packets, name)
		counter(c.receivedTotal, t.Received.Packets, name)
	}
	for _, reason := range passive.Refusals() {
		counter(c.refusals, s.Refusals[reason], string(reason))
	}
	counter(c.connected, s.Control.Accepted, "control")
	counter(c.connected, s.Data.Accepted, "data")
	gauge(c.connections, s.Control.Open, "control")
	gauge(c.connections, s.Data.Open, "data")
}
