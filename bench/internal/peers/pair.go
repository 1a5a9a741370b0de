//go:build linux

package peers

import (
	"context"
	"fmt"
	"time"

	"netperfmeter/bench/internal/lab"
)

// pair is the two commands of a run.
type pair struct {
	receiver []string
	sender   []string
	// The transport and port that the receiver binds when it is ready.
	transport Transport
	port      uint16
	// stays: the receiver serves until it is interrupted.
	stays bool
}

// run starts the receiver, waits until it listens, runs the sender, and returns
// what both used and printed.
func (c pair) run(ctx context.Context, f Flow) (r Result, sent, received string, err error) {
	receiver, err := lab.Start(ctx, c.receiver[0], c.receiver[1:]...)
	if err != nil {
		return r, "", "", err
	}
	defer receiver.Kill()
	if err := lab.WaitListening(ctx, string(c.transport), c.port, 5*time.Second); err != nil {
		return r, "", "", fmt.Errorf("%w: %s", err, receiver.Output())
	}
	sent, r.Sender, err = lab.Run(ctx, f.limit(), c.sender[0], c.sender[1:]...)
	if err != nil {
		return r, sent, "", err
	}
	if c.stays {
		r.Receiver, err = receiver.Stop(5 * time.Second)
	} else {
		r.Receiver, err = receiver.Wait(5 * time.Second)
	}
	return r, sent, receiver.Output(), err
}
