package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"syscall"

	"netperfmeter/control"
	"netperfmeter/passive"
	"netperfmeter/wire"
)

// wait runs the passive side until the context ends or its time is over.
func (p *program) wait(ctx context.Context) error {
	metrics, err := p.listenMetrics(ctx)
	if err != nil {
		return err
	}
	defer metrics.close()
	server, err := p.newServer(ctx, control.BasePorts(p.line.target.port))
	if err != nil {
		return err
	}
	if metrics != nil {
		metrics.serve(server, p.log)
	}
	serving := ctx
	if p.line.runtime > 0 {
		var cancel context.CancelFunc
		serving, cancel = context.WithTimeout(ctx, p.line.runtime)
		defer cancel()
	}
	ports := server.Ports()
	p.log.Info("waiting for measurements", "port", p.line.target.port, "control", ports.Control,
		"tcp", ports.TCP, "mptcp", ports.MPTCP, "udp", ports.UDP, "sctp", ports.SCTP, "dccp", ports.DCCP)
	err = server.Serve(serving)
	switch {
	case err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, errInterrupted):
		return err
	case ctx.Err() != nil && p.line.runtime > 0:
		return fmt.Errorf("%w before the %s that were planned", errInterrupted, formatSeconds(p.line.runtime.Seconds()))
	}
	return nil
}

// newServer binds the passive side's listeners. What this kernel lacks is left
// out with a word about it: transports, and IPv6 unless it was asked for.
func (p *program) newServer(ctx context.Context, ports control.Ports) (*passive.Server, error) {
	p.sayUnserved(dataTransports...)
	cfg := p.passiveConfig(ports)
	server, err := passive.New(ctx, cfg)
	if errors.Is(err, syscall.EAFNOSUPPORT) && !p.line.v6only {
		p.log.Warn("this system has no IPv6: waiting for IPv4 only")
		cfg = withoutIPv6(cfg)
		server, err = passive.New(ctx, cfg)
	}
	return server, err
}

func (p *program) passiveConfig(ports control.Ports) passive.Config {
	line := p.line
	cfg := passive.Config{
		Version:         version,
		V6Only:          line.v6only,
		SndBuf:          line.sndbuf,
		RcvBuf:          line.rcvbuf,
		Offloads:        line.offloads,
		Seed:            line.seed,
		AllowThirdParty: line.allowThirdParty,
		Allow:           line.allow,
		Deny:            line.deny,
		Limits:          line.limits,
		PeerTimeout:     line.peerTimeout,
		Key:             line.key,
		Timer:           line.timer,
		Log:             p.log,
	}
	if p.showing {
		cfg.Progress = passiveProgress(p.screen)
	}
	// An active side with MPTCP falls back, and learns from this side that the
	// host is the reason.
	cfg.PlainMPTCP = p.available(wire.MPTCP) != nil
	cfg.Control = controlListeners(line, ports.Control, p.available)
	for _, protocol := range p.available.served() {
		if protocol == wire.SCTP {
			cfg.Data = append(cfg.Data, sctpListener(line.local, ports.SCTP))
			continue
		}
		cfg.Data = append(cfg.Data, passive.Listen{Protocol: protocol, Addr: listenAddress(line.local, protocol, ports.Data(protocol))})
	}
	return cfg
}

// controlListeners are for TCP, or for MPTCP, whose listener takes plain TCP as
// well, and for SCTP beside it.
func controlListeners(line *commandLine, port uint16, available availability) (list []passive.Listen) {
	protocol := wire.TCP
	if line.accept[wire.MPTCP] && available(wire.MPTCP) == nil {
		protocol = wire.MPTCP
	}
	if line.accept[wire.MPTCP] || !line.refuses(wire.TCP) {
		list = append(list, passive.Listen{Protocol: protocol, Addr: listenAddress(line.controlLocal, protocol, port)})
	}
	if available(wire.SCTP) == nil && !line.refuses(wire.SCTP) {
		list = append(list, sctpListener(line.controlLocal, port))
	}
	return list
}

// sctpListener waits at all of the addresses.
func sctpListener(local addressList, port uint16) passive.Listen {
	l := passive.Listen{Protocol: wire.SCTP, Addr: listenAddress(local, wire.SCTP, port)}
	if len(local) > 1 {
		l.More = local[1:]
	}
	return l
}

// listenAddress is the first address of --local or --controllocal, or all
// addresses of the system.
func listenAddress(local addressList, protocol wire.Protocol, port uint16) netip.AddrPort {
	if local = bindTo(local, protocol); len(local) > 0 {
		return netip.AddrPortFrom(local[0], port)
	}
	return netip.AddrPortFrom(netip.IPv6Unspecified(), port)
}

func withoutIPv6(cfg passive.Config) passive.Config {
	for _, list := range [][]passive.Listen{cfg.Control, cfg.Data} {
		for i := range list {
			if list[i].Addr.Addr() == netip.IPv6Unspecified() {
				list[i].Addr = netip.AddrPortFrom(netip.IPv4Unspecified(), list[i].Addr.Port())
			}
		}
	}
	return cfg
}
