package active

import (
	"errors"
	"fmt"
	"io"

	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/stats"
	"netperfmeter/wire"
)

// outputs are the result files of a measurement. Each is written under a
// temporary name and gets its own when it is complete; one that fails is
// reported and harms no other.
type outputs struct {
	cfg            Config
	scalar, vector stats.Pattern
	config         *stats.ResultFile // nil: not wanted, like the next three
	scalars        [2]*stats.ResultFile
	globals        [2]*stats.ResultFile
	vectors        map[wire.Key]*recording
	open           []*stats.ResultFile
	waiting        []*stats.ResultFile // complete; earlier ones of their names are still there
	written        []string
	errs           []error
}

// recording is the vector file of what a flow receives on this side.
type recording struct {
	file *stats.ResultFile
	done chan error // gets the outcome of the writing
}

// active and passive index the files of the two sides.
const (
	activeSide = iota
	passiveSide
)

// openOutputs creates all files whose names are known before the measurement,
// so that one which cannot be written is known before a long run.
func openOutputs(cfg Config) (*outputs, error) {
	o := &outputs{cfg: cfg, vectors: make(map[wire.Key]*recording)}
	var err error
	if o.scalar, err = stats.Names(cfg.ScalarFile); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResults, err)
	}
	if o.vector, err = stats.Names(cfg.VectorFile); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrResults, err)
	}
	if cfg.ConfigFile != "" {
		o.config, err = o.create(cfg.ConfigFile, err)
	}
	if cfg.ScalarFile != "" {
		o.scalars[activeSide], err = o.create(o.scalar.Active(), err)
		o.scalars[passiveSide], err = o.create(o.scalar.Passive(), err)
	}
	if cfg.VectorFile != "" {
		o.globals[activeSide], err = o.create(o.vector.Active(), err)
		o.globals[passiveSide], err = o.create(o.vector.Passive(), err)
		for _, f := range cfg.Flows {
			err = o.createVector(f, err)
		}
	}
	if err != nil {
		o.abort()
		return nil, fmt.Errorf("%w: %w", ErrResults, err)
	}
	return o, nil
}

// create makes a file, unless an error has come before.
func (o *outputs) create(name string, before error) (*stats.ResultFile, error) {
	if before != nil {
		return nil, before
	}
	file, err := stats.CreateResult(name)
	if err != nil {
		return nil, err
	}
	o.open = append(o.open, file)
	return file, nil
}

func (o *outputs) createVector(f FlowConfig, before error) error {
	key := wire.Key{Flow: f.Spec.ID, Stream: f.Spec.Stream}
	file, err := o.create(o.vector.Flow(false, key.Flow, key.Stream), before)
	if err == nil {
		o.vectors[key] = &recording{file: file, done: make(chan error, 1)}
	}
	return err
}

// local is a flow's key without the measurement.
func local(key wire.Key) wire.Key { return wire.Key{Flow: key.Flow, Stream: key.Stream} }

// flowVector is where the records of a flow go.
func (o *outputs) flowVector(key wire.Key) flow.Vector {
	r := o.vectors[local(key)]
	if r == nil {
		return flow.Vector{}
	}
	return flow.Vector{Name: r.file.Path(), File: r.file, Compress: o.vector.Compress, Done: func(err error) { r.done <- err }}
}

// globalVector is where this side's global vector goes.
func (o *outputs) globalVector() flow.Vector {
	file := o.globals[activeSide]
	if file == nil {
		return flow.Vector{}
	}
	return flow.Vector{Name: file.Path(), File: file, Compress: o.vector.Compress, Done: func(err error) { o.finish(file, err) }}
}

// identify says which vector file is wanted of the passive side.
func (o *outputs) identify(key wire.Key) wire.Identify {
	return wire.Identify{Key: key, Compress: o.vector.Compress, NoVectors: o.cfg.VectorFile == ""}
}

// start says which global files are wanted of the passive side. The scalars
// always are: the final table needs them.
func (o *outputs) start() wire.Start {
	return wire.Start{
		CompressVectors: o.vector.Compress, NoVectors: o.cfg.VectorFile == "",
		CompressScalars: o.scalar.Compress,
	}
}

// writeConfig writes the configuration file, which says what is measured
// whether or not that succeeds.
func (o *outputs) writeConfig() {
	if o.config != nil {
		o.finish(o.config, stats.WriteConfig(o.config, o.configuration()))
	}
}

// writeScalars writes this side's scalars.
func (o *outputs) writeScalars(s stats.Scalars) {
	file := o.scalars[activeSide]
	if file == nil {
		return
	}
	var w io.Writer = file
	var z *stats.Bzip2Writer
	if o.scalar.Compress {
		z = stats.NewBzip2Writer(file, 1)
		w = z
	}
	err := stats.WriteScalars(w, "active", s)
	if z != nil {
		err = errors.Join(err, z.Close())
	}
	o.finish(file, err)
}

// finish completes a file, and reports one that failed. It gets its name at
// once, unless it would replace an earlier one: that waits until the run is
// known to be none that failed (settle).
func (o *outputs) finish(file *stats.ResultFile, err error) {
	switch {
	case err != nil:
	case file.Replaces():
		if err = file.Complete(); err == nil {
			o.waiting = append(o.waiting, file)
			return
		}
	default:
		err = file.Commit()
	}
	if err != nil {
		o.errs = append(o.errs, err)
		return
	}
	o.written = append(o.written, file.Path())
}

// settle replaces earlier files. If the run failed they stay, all of them, so
// that no half of one run stands beside a half of another; aside are the names
// that its own files got then.
func (o *outputs) settle(failed bool) (aside []string, err error) {
	for _, file := range o.waiting {
		name, e := file.Path(), error(nil)
		if failed {
			name, e = file.CommitFailed()
			aside = append(aside, name)
		} else {
			e = file.Commit()
		}
		if e == nil {
			o.written = append(o.written, name)
		}
		err = errors.Join(err, e)
	}
	o.waiting = nil
	return aside, err
}

// abort removes what was not completed.
func (o *outputs) abort() {
	for _, file := range o.open {
		file.Abort()
	}
}

// configuration describes the measurement as the configuration file does.
func (o *outputs) configuration() stats.Config {
	c := stats.Config{
		ActiveName: o.cfg.ActiveName, PassiveName: o.cfg.PassiveName,
		ScalarActive: o.scalar.Active(), ScalarPassive: o.scalar.Passive(),
		VectorActive: o.vector.Active(), VectorPassive: o.vector.Passive(),
	}
	for _, f := range o.cfg.Flows {
		s := f.Spec
		cc := s.CC
		if cc == "" {
			cc = control.DefaultCongestionControl
		}
		c.Flows = append(c.Flows, stats.ConfigFlow{
			ID: s.ID, Description: s.Description, Protocol: s.Protocol,
			Outbound: stats.ConfigDirection{Rate: s.Outgoing.Rate, Size: s.Outgoing.Size},
			Inbound:  stats.ConfigDirection{Rate: s.Incoming.Rate, Size: s.Incoming.Size},
			Reliable: s.Reliable, Ordered: s.Ordered, NoDelay: s.NoDelay, Debug: s.Debug, CongestionControl: cc,
			VectorActive:  o.vector.Flow(false, s.ID, s.Stream),
			VectorPassive: o.vector.Flow(true, s.ID, s.Stream),
		})
	}
	return c
}
