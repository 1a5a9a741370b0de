package main

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"netperfmeter/active"
	"netperfmeter/control"
)

// resolve looks HOST up, no longer than the deadline allows.
func (p *program) resolve(ctx context.Context) ([]netip.Addr, error) {
	if !p.until.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, p.until)
		defer cancel()
	}
	return resolve(ctx, p.lookup, p.line.target.host, p.line.v6only)
}

// Pauses between two rounds of --wait, and how long each connecting may take
// then: the kernel repeats a lost SYN after 1 and 3 seconds, and ever more
// seldom after that.
const (
	firstPause  = 100 * time.Millisecond
	longestStop = time.Second
	waitTimeout = 5 * time.Second
)

// reach measures against the first of the addresses that can be reached. With
// --wait it tries again until its time is over.
func (p *program) reach(ctx context.Context, flows []lineFlow, addresses []netip.Addr) error {
	giveUp := time.Now().Add(p.line.wait)
	for pause := firstPause; ; pause = min(2*pause, longestStop) {
		connected, err := p.tryAddresses(ctx, flows, addresses, giveUp)
		left := time.Until(giveUp)
		if connected || !errors.Is(err, active.ErrUnreachable) || errors.Is(err, active.ErrDeadline) || ctx.Err() != nil || left <= 0 {
			return err
		}
		if pause == firstPause {
			p.log.Info("waiting for the passive side", "for", p.line.wait, "reason", err)
		}
		select {
		case <-ctx.Done(): // the next try says so
		case <-time.After(min(pause, left)):
		}
	}
}

// tryAddresses measures against the first address that can be reached.
// connected tells that there was one.
func (p *program) tryAddresses(ctx context.Context, flows []lineFlow, addresses []netip.Addr, giveUp time.Time) (connected bool, err error) {
	for i, address := range addresses {
		cfg := p.activeConfig(flows, address, control.BasePorts(p.line.target.port))
		if p.line.wait > 0 {
			cfg.ConnectTimeout = min(waitTimeout, max(time.Until(giveUp), longestStop))
		}
		var report *active.Report
		report, err = p.runActive(ctx, cfg)
		connected = connected || report.Connected
		if report.Started || !errors.Is(err, active.ErrUnreachable) || i+1 == len(addresses) || ctx.Err() != nil {
			break
		}
		p.log.Warn("not reached, trying the next address", "address", address, "reason", err)
	}
	return connected, err
}
