package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"netperfmeter/passive"
)

// Bounds of the metrics server: a scraper is one client that asks one short
// question now and then.
const (
	metricsConnections = 32
	metricsTimeout     = 10 * time.Second
	metricsIdle        = 5 * time.Minute // scrapes are usually a minute apart or less
	metricsHeader      = 16 << 10        // bytes
)

// metricsServer is the page of --metrics.
type metricsServer struct {
	listener net.Listener
	http     *http.Server
	ended    chan struct{}
}

// listenMetrics binds the address, and no other, before anything is served.
func (p *program) listenMetrics(ctx context.Context) (*metricsServer, error) {
	at := p.line.metrics
	if !at.IsValid() {
		return nil, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", at.String())
	if err != nil {
		return nil, fmt.Errorf("--metrics: %w", err)
	}
	return &metricsServer{listener: listener, ended: make(chan struct{})}, nil
}

// serve answers in the background, until close.
func (m *metricsServer) serve(server *passive.Server, log *slog.Logger) {
	pages := http.NewServeMux()
	pages.Handle("GET /metrics", metricsPage(server))
	var connections atomic.Int64
	m.http = &http.Server{
		Handler: pages, MaxHeaderBytes: metricsHeader,
		ReadTimeout: metricsTimeout, WriteTimeout: metricsTimeout, IdleTimeout: metricsIdle,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ConnState: func(c net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew:
				if connections.Add(1) > metricsConnections {
					c.Close() // the server notices, and says so with StateClosed
				}
			case http.StateClosed, http.StateHijacked:
				connections.Add(-1)
			}
		},
	}
	go func() {
		defer close(m.ended)
		m.http.Serve(m.listener) // until close
	}()
	log.Info("metrics", "at", "http://"+m.listener.Addr().String()+"/metrics")
}

// close ends the server with all its connections.
func (m *metricsServer) close() {
	if m == nil {
		return
	}
	if m.http == nil {
		m.listener.Close()
		return
	}
	m.http.Close()
	<-m.ended
}

// metricsPage is the page in Prometheus' text format: this program's figures,
// the process's and those of Go's runtime.
func metricsPage(server *passive.Server) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		newPassiveCollector(server),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		collectors.NewGoCollector(),
	)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: metricsConnections, Timeout: metricsTimeout})
}
