package active

import (
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"

	"netperfmeter/control"
	"netperfmeter/flow"
	"netperfmeter/stats"
)

// maxScalars bounds the passive side's scalar file, which is kept in memory
// for the final table: some ten thousand flows.
const maxScalars = 256 << 20

// collect completes this side's files and fetches those of the passive side.
// One that fails is part of the error and harms no other; with the control
// channel broken there is only this side's.
func (r *run) collect(ctx context.Context, report *Report, broken bool) error {
	r.reportPhase(Collecting)
	defer r.measurement.WatchWriting(func(w flow.Writing) {
		if r.Progress != nil {
			r.Progress(Progress{Phase: Collecting, Elapsed: r.reached.Elapsed, Flows: len(r.flows), Writing: w, Progress: r.reached})
		}
	})()
	own := r.measurement.Scalars()
	if report.Clock = r.clocks.result(); report.Clock != nil {
		own.TotalExtra = append(own.TotalExtra, report.Clock.Lines()...)
	}
	r.warnOfClocks(report.Clock)
	r.out.writeScalars(own)
	r.keepScalars(report, own)
	var fetched error
	var theirs stats.ScalarFile
	if !broken {
		theirs, fetched = r.fetch(ctx)
	}
	r.finishVectors()
	for _, f := range r.flows {
		r.writeTransport(f)
	}
	report.fill(r, own, theirs)
	r.reportTransports(report)
	r.warnOfRates(report)
	if err := errors.Join(r.out.errs...); err != nil {
		fetched = errors.Join(fetched, fmt.Errorf("%w: %w", ErrResults, err))
	}
	return errors.Join(fetched, r.required(report))
}

// fetch gets the passive side's files, in the order of the protocol.
func (r *run) fetch(ctx context.Context) (stats.ScalarFile, error) {
	if err := r.fetchGlobal(ctx); err != nil {
		return nil, err
	}
	scalars, err := r.fetchScalars(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.askStates(ctx); err != nil {
		return scalars, lost(err)
	}
	vectors := r.VectorFile != ""
	for _, f := range r.flows {
		if err := r.fetchTransport(ctx, f); err != nil {
			return scalars, partial("the transport vector of flow", f, err)
		}
		if err := r.client.RemoveFlow(ctx, f.key, vectors); err != nil {
			return scalars, partial("the vector of flow", f, err)
		}
		if !vectors {
			continue
		}
		name := r.out.vector.Flow(true, f.key.Flow, f.key.Stream)
		file, err := r.out.create(name, nil)
		if err != nil {
			// It still has to be taken off the channel.
			r.out.errs = append(r.out.errs, err)
			if _, err := r.client.Results(ctx, io.Discard); err != nil && !errors.Is(err, control.ErrIncomplete) {
				return scalars, partial("the vector of flow", f, err)
			}
			continue
		}
		if err := r.fetchFile(ctx, file, file); err != nil {
			return scalars, err
		}
	}
	return scalars, nil
}

func partial(what string, f *dataFlow, err error) error {
	return fmt.Errorf("%w: %s %d of the passive side: %w", ErrResults, what, f.key.Flow, err)
}

// fetchFile receives one file, through w. What has come of one that the
// passive side could not send completely is kept, marked as partial.
func (r *run) fetchFile(ctx context.Context, file *stats.ResultFile, w io.Writer) error {
	_, err := r.client.Results(ctx, w)
	var sink *control.SinkError
	if err == nil || errors.As(err, &sink) {
		r.out.finish(file, err)
		return nil
	}
	name, e := file.CommitPartial()
	if e == nil {
		e = fmt.Errorf("what came of %s is in %s", file.Path(), name)
	}
	err = fmt.Errorf("%w: %w", e, err)
	if errors.Is(err, control.ErrIncomplete) {
		r.out.errs = append(r.out.errs, err)
		return nil // the others may be whole
	}
	return fmt.Errorf("%w: %w", ErrResults, err)
}

// fetchScalars receives the passive side's scalars, for the file and for the
// final table.
func (r *run) fetchScalars(ctx context.Context) (stats.ScalarFile, error) {
	kept := &limited{left: maxScalars}
	if _, err := r.client.Results(ctx, kept); err != nil {
		return nil, fmt.Errorf("%w: scalars of the passive side: %w", ErrResults, err)
	}
	if file := r.out.scalars[passiveSide]; file != nil {
		_, err := file.Write(kept.Bytes())
		r.out.finish(file, err)
	}
	var text io.Reader = bytes.NewReader(kept.Bytes())
	if r.out.start().CompressScalars {
		text = bzip2.NewReader(text)
	}
	scalars, err := stats.ParseScalars(text)
	if err != nil {
		r.warn("the passive side's scalars cannot be read, so its figures are not in the table: %v", err)
		return nil, nil
	}
	return scalars, nil
}

// limited keeps what is written to it up to a bound.
type limited struct {
	bytes.Buffer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	if len(b) > l.left {
		return 0, fmt.Errorf("more than %d bytes", maxScalars)
	}
	l.left -= len(b)
	return l.Buffer.Write(b)
}

// finishVectors waits for this side's flow vectors.
func (r *run) finishVectors() {
	for _, f := range r.flows {
		if rec := r.out.vectors[local(f.key)]; rec != nil {
			r.out.finish(rec.file, <-rec.done)
		}
	}
}
