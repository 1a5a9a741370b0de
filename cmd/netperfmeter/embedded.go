package main

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"netperfmeter/control"
	"netperfmeter/passive"
	"netperfmeter/wire"
)

// embeddedRuntime is how long --embedded measures when no flow is given.
const embeddedRuntime = 10 * time.Second

// measureEmbedded runs both sides in this process. It returns when the passive
// side has ended as well.
func (p *program) measureEmbedded(ctx context.Context) error {
	address, err := p.embeddedAddress(ctx)
	if err != nil {
		return err
	}
	server, err := p.embeddedServer(ctx, address)
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(serving) }()
	err = p.measureAgainst(ctx, address, server.Ports())
	stop()
	return errors.Join(err, <-ended)
}

// measureAgainst runs the active side of --embedded.
func (p *program) measureAgainst(ctx context.Context, address netip.Addr, ports control.Ports) error {
	list := p.line.flows
	if len(list) == 0 {
		if p.line.runtime == 0 {
			p.line.runtime = embeddedRuntime
		}
		var err error
		list, err = embeddedFlows(p.line.runtime.Seconds(), p.available(wire.MPTCP) == nil)
		if err != nil {
			return err
		}
	}
	flows, err := numberFlows(list, p.line.count)
	if err != nil {
		return err
	}
	p.results.plan(flows)
	_, err = p.runActive(ctx, p.activeConfig(flows, address, ports))
	return err
}

// embeddedAddress is the loopback address, or what HOST names.
func (p *program) embeddedAddress(ctx context.Context) (netip.Addr, error) {
	if p.line.target.host != "" {
		addresses, err := p.resolve(ctx)
		if err != nil {
			return netip.Addr{}, err
		}
		return addresses[0], nil
	}
	if p.line.v6only {
		return netip.IPv6Loopback(), nil
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
}

// embeddedServer binds a passive side to free ports of an address. It logs
// what goes wrong only, since the active side tells the rest.
func (p *program) embeddedServer(ctx context.Context, address netip.Addr) (*passive.Server, error) {
	level := max(p.line.logLevel, slog.LevelWarn)
	if p.line.logLevel < slog.LevelInfo {
		level = p.line.logLevel
	}
	cfg := p.passiveConfig(control.Ports{})
	cfg.Log = slog.New(atLeast{p.log.Handler(), level}).With("side", "passive")
	cfg.Progress = nil
	any := netip.AddrPortFrom(address, 0)
	cfg.Control = []passive.Listen{{Protocol: wire.TCP, Addr: any}}
	if p.line.control != 0 {
		cfg.Control[0].Protocol = p.line.control
	}
	for i := range cfg.Data {
		cfg.Data[i].Addr, cfg.Data[i].More = any, nil
	}
	p.sayUnserved(wire.MPTCP) // half of what it measures by default
	return passive.New(ctx, cfg)
}

// atLeast is a slog.Handler that lets only a level and above through.
type atLeast struct {
	slog.Handler
	level slog.Level
}

func (h atLeast) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= h.level && h.Handler.Enabled(ctx, level)
}

func (h atLeast) WithAttrs(attrs []slog.Attr) slog.Handler {
	return atLeast{h.Handler.WithAttrs(attrs), h.level}
}

func (h atLeast) WithGroup(name string) slog.Handler {
	return atLeast{h.Handler.WithGroup(name), h.level}
}
