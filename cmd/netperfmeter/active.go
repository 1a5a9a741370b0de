package main

import (
	"context"
	"fmt"
	"io"
	"net/netip"
	"time"

	"netperfmeter/active"
	"netperfmeter/control"
	"netperfmeter/wire"
)

// measure runs the active side against HOST.
func (p *program) measure(ctx context.Context) error {
	flows, err := numberFlows(p.line.flows, p.line.count)
	if err != nil {
		return err
	}
	p.results.plan(flows)
	addresses, err := p.resolve(ctx)
	if err != nil {
		return err
	}
	return p.reach(ctx, flows, addresses)
}

// activeConfig fills in what package active needs to know.
func (p *program) activeConfig(flows []lineFlow, remote netip.Addr, ports control.Ports) active.Config {
	line := p.line
	cfg := active.Config{
		Remote:      remote,
		Ports:       ports,
		Control:     line.control,
		V6Only:      line.v6only,
		Runtime:     line.runtime,
		PeerVersion: line.peerVersion,
		Key:         line.key,
		ConfigFile:  line.configFile,
		ScalarFile:  line.scalarFile,
		VectorFile:  line.vectorFile,
		ActiveName:  line.activeName,
		PassiveName: line.passiveName,
		Seed:        line.seed,
		Batch:       line.batch,
		VectorEvery: line.vectorEvery,
		Interval:    line.interval,
		Omit:        line.omit,

		RequireMPTCP: line.requireMPTCP,
		PeerTimeout:  line.peerTimeout,

		Timer:    line.timer,
		Offloads: line.offloads,
		Log:      p.log,
		Deadline: p.until,
		Detailed: p.results.detailed(),
		Event:    p.results.event,

		CorrectDelays: line.correctDelays,
	}
	if cfg.Control == 0 {
		// SCTP is the reference's choice; of its own passive side this program
		// knows that it takes TCP.
		cfg.Control = wire.TCP
		if !line.embedded && p.available(wire.SCTP) == nil {
			cfg.Control, cfg.ControlFallback = wire.SCTP, true
		}
	}
	cfg.LocalControl = bindTo(line.controlLocal, cfg.Control)
	for _, flow := range flows {
		cfg.Flows = append(cfg.Flows, active.FlowConfig{Spec: flow.spec, Local: bindTo(flow.local, flow.spec.Protocol)})
	}
	return cfg
}

// bindTo chooses from the addresses of --local or --controllocal what a
// transport's socket can be bound to: MPTCP, which the first one would keep on
// one path, to none of several. Others take the first one that suits.
func bindTo(local addressList, protocol wire.Protocol) addressList {
	if protocol == wire.MPTCP && len(local) > 1 {
		return nil
	}
	return local
}

// runActive runs one measurement and prints what it found, also when it ended
// with an error.
func (p *program) runActive(ctx context.Context, cfg active.Config) (*active.Report, error) {
	cfg.Progress = func(progress active.Progress) {
		p.elapsed = progress.Elapsed // at last, until both sides had stopped
		if p.showing {
			p.screen.show(statusLine(progress))
		}
	}
	report, err := active.Run(ctx, cfg)
	p.screen.clear()
	p.results.keep(cfg, report)
	if report.Started && p.line.results.onStdout() == 0 {
		if printErr := p.printReport(cfg, report); err == nil {
			err = printErr
		}
	}
	return report, p.verdict(ctx, cfg, report, err)
}

func (p *program) printReport(cfg active.Config, report *active.Report) error {
	width, _ := terminalWidth(p.stdout)
	text := fmt.Sprintf("%s\n%s\n%s%s", p.resultHead(cfg, report), resultTable(report, p.measured(cfg), width),
		sendingTable(report), resultNotes(report, p.measured(cfg), cfg.ActiveName, cfg.PassiveName))
	if _, err := io.WriteString(p.stdout, text); err != nil {
		return fmt.Errorf("%w: printing them: %w", active.ErrResults, err)
	}
	return nil
}

// resultHead says what was measured.
func (p *program) resultHead(cfg active.Config, report *active.Report) string {
	where := cfg.Remote.String()
	if host := p.line.target.host; host != "" && host != where {
		where = host + " (" + where + ")"
	}
	warmUp := ""
	if cfg.Omit > 0 {
		warmUp = fmt.Sprintf(" after %s of warm-up", formatSeconds(min(cfg.Omit, p.elapsed).Seconds()))
	}
	return fmt.Sprintf("%s, %s, measured for %s%s, seed %d\n", where, countFlows(len(report.Flows)),
		formatSeconds(p.measured(cfg).Seconds()), warmUp, report.Seed)
}

// measured is the time that the results are of.
func (p *program) measured(cfg active.Config) time.Duration { return max(p.elapsed-cfg.Omit, 0) }

// verdict says how the program ends: an interruption is an error only if it
// came before the time that was planned, or before there was anything to show.
func (p *program) verdict(ctx context.Context, cfg active.Config, report *active.Report, err error) error {
	switch {
	case !report.Started && ctx.Err() != nil:
		return fmt.Errorf("%w before the measurement had begun", errInterrupted)
	case err != nil:
		return err
	case report.Interrupted:
		return fmt.Errorf("%w after %s of the %s that were planned", errInterrupted,
			formatSeconds(p.elapsed.Seconds()), formatSeconds(cfg.Runtime.Seconds()))
	}
	return nil
}
