//go:build linux

package lab

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Metrics are the values of a metrics page, by name and labels as they stand there.
type Metrics map[string]float64

// Dial connects inside the namespace; the connection belongs to the caller.
func (n *Namespace) Dial(network, address string) (net.Conn, error) {
	var conn net.Conn
	err := n.Do(func() (err error) {
		conn, err = net.DialTimeout(network, address, 20*time.Second)
		return err
	})
	return conn, err
}

// Scrape reads the metrics page at an address in the namespace: as it is, and its values.
func (n *Namespace) Scrape(t testing.TB, address string) (page []byte, values Metrics) {
	t.Helper()
	conn, err := n.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil }}}
	answer, err := client.Get("http://" + address + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if page, err = io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, answer.Status, err)
	}
	values = Metrics{}
	for line := range strings.Lines(string(page)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && name != "#" {
			values[name] = number(t, address+": "+line, value)
		}
	}
	return page, values
}
