//go:build linux

package peers

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// iperf3 measures TCP, MPTCP under mptcpize, and UDP.
func iperf3(ctx context.Context, f Flow) (Result, error) {
	port, seconds := strconv.Itoa(int(f.Port)), strconv.Itoa(f.Seconds)
	c := pair{
		receiver:  []string{"iperf3", "-s", "-1", "-p", port},
		sender:    []string{"iperf3", "-c", Host, "-p", port, "-t", seconds, "-l", strconv.Itoa(f.Size), "-J"},
		transport: TCP,
		port:      f.Port,
	}
	switch f.Transport {
	case MPTCP:
		c.receiver = append([]string{"mptcpize", "run"}, c.receiver...)
		c.sender = append([]string{"mptcpize", "run"}, c.sender...)
	case UDP:
		c.sender = append(c.sender, "-u", "-b", strconv.Itoa(f.Rate*f.Size*8))
	}
	r, out, _, err := c.run(ctx, f)
	if err != nil {
		return r, err
	}
	var report struct {
		End struct {
			Received struct {
				Bits float64 `json:"bits_per_second"`
			} `json:"sum_received"`
		} `json:"end"`
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		return r, fmt.Errorf("reading the report: %w", err)
	}
	r.Bits = report.End.Received.Bits
	return r, nil
}

var iperf2Line = regexp.MustCompile(`([0-9.]+)-([0-9.]+) sec +([0-9]+) Bytes +([0-9]+) bits/sec`)

// iperf2 measures TCP and UDP.
func iperf2(ctx context.Context, f Flow) (Result, error) {
	port, size := strconv.Itoa(int(f.Port)), strconv.Itoa(f.Size)
	c := pair{
		receiver:  []string{"iperf", "-s", "-p", port, "-l", size, "-f", "b"},
		sender:    []string{"iperf", "-c", Host, "-p", port, "-t", strconv.Itoa(f.Seconds), "-l", size, "-f", "b"},
		transport: f.Transport,
		port:      f.Port,
	}
	if f.Transport == UDP {
		rate := "100g" // more than it can
		if f.Rate > 0 {
			rate = strconv.Itoa(f.Rate) + "pps"
		}
		c.receiver = append(c.receiver, "-u")
		c.sender = append(c.sender, "-u", "-b", rate)
		c.stays = true
	} else {
		c.receiver = append(c.receiver, "-P", "1") // ends after one connection
	}
	r, _, out, err := c.run(ctx, f)
	if err != nil || f.Transport == UDP {
		return r, err
	}
	line := iperf2Line.FindStringSubmatch(out)
	if line == nil {
		return r, fmt.Errorf("no result in the receiver's report: %s", out)
	}
	r.Bits, err = strconv.ParseFloat(line[4], 64)
	return r, err
}

// nuttcp measures TCP and UDP.
func nuttcp(ctx context.Context, f Flow) (Result, error) {
	control, data := strconv.Itoa(int(f.Port)), strconv.Itoa(int(f.Port)+1)
	c := pair{
		receiver: []string{"nuttcp", "-1", "--nofork", "-P", control, "-p", data},
		sender: []string{"nuttcp", "-t", "-P", control, "-p", data, "-T" + strconv.Itoa(f.Seconds),
			"-l" + strconv.Itoa(f.Size), "-fparse"},
		transport: TCP,
		port:      f.Port,
	}
	if f.Transport == UDP {
		rate := "-Ru"
		if f.Rate > 0 {
			rate = "-R" + strconv.Itoa(f.Rate) + "p"
		}
		c.sender = append(c.sender, "-u", rate)
	}
	c.sender = append(c.sender, Host)
	r, out, _, err := c.run(ctx, f)
	if err != nil {
		return r, err
	}
	for _, field := range strings.Fields(out) {
		if value, ok := strings.CutPrefix(field, "rate_Mbps="); ok {
			r.Bits, err = strconv.ParseFloat(value, 64)
			r.Bits *= 1e6
			return r, err
		}
	}
	return r, fmt.Errorf("no rate in the report: %s", out)
}
