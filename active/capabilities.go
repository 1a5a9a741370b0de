package active

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"netperfmeter/control"
	"netperfmeter/traffic"
	"netperfmeter/wire"
)

// Capabilities asks a passive side what it can do; of the configuration only
// what the control channel needs is looked at. A program that is not ours
// cannot be asked (ErrRequirement). Nothing is measured: a flow is added, since
// its acknowledgement is what tells whose program that is, and never gets a
// data channel (../wire/PROTOCOL.md).
func Capabilities(ctx context.Context, cfg Config) (control.Host, error) {
	ctx, cancel := context.WithTimeout(ctx, controlTimeout)
	defer cancel()
	conn, _, err := cfg.dialControl(ctx)
	if err != nil {
		return control.Host{}, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	id := wire.NewMeasurementID(rand.Uint64())
	c := control.NewConn(conn, controlTimeout)
	defer c.Close() // the passive side drops the flow with it
	client := control.NewClient(c, id)
	add, err := control.FromSpec(questioner(), id, control.Version20)
	if err != nil {
		return control.Host{}, err
	}
	if err := client.AddFlow(ctx, add); err != nil {
		return control.Host{}, lost(err)
	}
	if !client.Ours() {
		return control.Host{}, fmt.Errorf("%w: the passive side is another program, which cannot be asked what it can do", ErrRequirement)
	}
	var host control.Host
	if err := client.Ask(ctx, wire.KindEnvironment, &host); err != nil {
		return control.Host{}, lost(err)
	}
	// A flow that was never identified is removed with Status 1.
	if err := client.RemoveFlow(ctx, add.Key, true); err != nil && !errors.Is(err, control.ErrRefused) {
		return host, lost(err)
	}
	return host, nil
}

// questioner is a flow that carries nothing in either direction.
func questioner() traffic.FlowSpec {
	const nothing = "const0:const0:const0:const0:description=Capabilities"
	spec, err := traffic.Parse(wire.TCP, nothing, traffic.Defaults{})
	if err != nil {
		panic(err) // it is a constant
	}
	return spec
}
