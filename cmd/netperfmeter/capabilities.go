package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"netperfmeter/active"
	"netperfmeter/channels"
	"netperfmeter/control"
)

// thisHost is what this program can do here.
func thisHost() control.Host {
	return control.Host{Program: control.Program, Version: version, Capabilities: channels.ReadCapabilities()}
}

// showCapabilities prints what this host can do, and with a HOST what the
// passive side there can.
func (p *program) showCapabilities(ctx context.Context) error {
	out, err := openOutput(p.line.results.json, p.stdout)
	if err != nil {
		return fmt.Errorf("%w: %w", active.ErrResults, err)
	}
	own := thisHost()
	var theirs *control.Host
	if p.line.target.host != "" {
		theirs, err = p.askHost(ctx)
	}
	err = errors.Join(err, writeCapabilities(out, own, theirs, err))
	if p.line.results.json == standardOutput {
		return err
	}
	text := "This host\n" + hostText(own)
	if theirs != nil {
		text += fmt.Sprintf("\nPassive side, %s\n%s", p.line.target.text, hostText(*theirs))
	}
	if _, e := io.WriteString(p.stdout, text); e != nil {
		err = errors.Join(err, fmt.Errorf("%w: printing them: %w", active.ErrResults, e))
	}
	return err
}

// askHost asks the passive side at the first address that can be reached.
func (p *program) askHost(ctx context.Context) (*control.Host, error) {
	addresses, err := resolve(ctx, p.lookup, p.line.target.host, p.line.v6only)
	if err != nil {
		return nil, err
	}
	for i, address := range addresses {
		cfg := p.activeConfig(nil, address, control.BasePorts(p.line.target.port))
		host, err := active.Capabilities(ctx, cfg)
		switch {
		case err == nil:
			return &host, nil
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%w before the passive side had answered", errInterrupted)
		case errors.Is(err, active.ErrUnreachable) && i+1 < len(addresses):
			p.log.Warn("not reached, trying the next address", "address", address, "reason", err)
		default:
			return nil, err
		}
	}
	return nil, unreachablef("host %s has no address", p.line.target.host)
}
