//go:build linux

package peers

import (
	"context"
	"strconv"
	"time"
)

// ditgMost is a rate that D-ITG does not reach, to make it go as fast as it can.
const ditgMost = 2_000_000

// ditg runs ITGSend and ITGRecv without their logs, which would halve its rate.
func ditg(ctx context.Context, f Flow) (Result, error) {
	rate := f.Rate
	if rate == 0 {
		rate = ditgMost
	}
	signalling, data := strconv.Itoa(int(f.Port)), strconv.Itoa(int(f.Port)+1)
	c := pair{
		receiver: []string{"ITGRecv", "-Sp", signalling},
		sender: []string{"ITGSend", "-a", Host, "-Sdp", signalling, "-rp", data, "-T", "UDP", "-C", strconv.Itoa(rate),
			"-c", strconv.Itoa(f.Size), "-t", strconv.Itoa(f.Seconds * 1000)},
		transport: TCP,
		port:      f.Port,
		stays:     true,
	}
	r, _, _, err := c.run(ctx, f)
	return r, err
}

// sockperf sends at a rate in its throughput mode, one way.
func sockperf(ctx context.Context, f Flow) (Result, error) {
	port := strconv.Itoa(int(f.Port))
	c := pair{
		receiver: []string{"sockperf", "server", "-i", Host, "-p", port},
		sender: []string{"sockperf", "throughput", "-i", Host, "-p", port, "-m", strconv.Itoa(f.Size),
			"--mps", strconv.Itoa(f.Rate), "-t", strconv.Itoa(f.Seconds)},
		transport: UDP,
		port:      f.Port,
		stays:     true,
	}
	r, _, _, err := c.run(ctx, f)
	return r, err
}

// irtt sends at a rate; every packet is answered, which is part of its CPU time.
func irtt(ctx context.Context, f Flow) (Result, error) {
	address := Host + ":" + strconv.Itoa(int(f.Port))
	interval := time.Second / time.Duration(f.Rate)
	c := pair{
		receiver: []string{"irtt", "server", "-b", address, "-i", "1us"},
		sender: []string{"irtt", "client", "-Q", "-i", interval.String(), "-d", strconv.Itoa(f.Seconds) + "s",
			"-l", strconv.Itoa(f.Size), "--wait=100ms", address},
		transport: UDP,
		port:      f.Port,
		stays:     true,
	}
	r, _, _, err := c.run(ctx, f)
	return r, err
}
