package active

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"netperfmeter/control"
	"netperfmeter/stats"
)

// keepScalars keeps this side's scalars as their file has them.
func (r *run) keepScalars(p *Report, own stats.Scalars) {
	if !r.Detailed {
		return
	}
	var text bytes.Buffer
	err := stats.WriteScalars(&text, "active", own)
	if err == nil {
		p.Active, err = stats.ParseScalars(&text)
	}
	if err != nil {
		r.warn("this side's scalars are left out: %v", err)
	}
	p.Joined = r.timeline.thinned()
}

// fetchGlobal gets the passive side's global vector: its file, the intervals
// in it, or both. What has come before an error is kept.
func (r *run) fetchGlobal(ctx context.Context) error {
	if r.start().NoVectors {
		return nil
	}
	file := r.out.globals[passiveSide]
	if !r.Detailed {
		return r.fetchFile(ctx, file, file)
	}
	failures := len(r.out.errs)
	reader := r.readVector(r.out.vector.Compress, r.client.Ours())
	var err error
	if file != nil {
		err = r.fetchFile(ctx, file, io.MultiWriter(file, reader))
	} else {
		err = r.fetchIntervals(ctx, reader)
	}
	cause := err
	if cause == nil && len(r.out.errs) > failures {
		cause = r.out.errs[failures]
	}
	peer, bad := reader.end(cause)
	if bad != nil {
		r.warn("the passive side's intervals are not all known: %v", bad)
	}
	r.result.peer = peer
	return err
}

// fetchIntervals receives the global vector where no file is wanted.
func (r *run) fetchIntervals(ctx context.Context, reader *vectorReader) error {
	_, err := r.client.Results(ctx, reader)
	var sink *control.SinkError
	if err == nil || errors.As(err, &sink) {
		return nil // the reader says what it could not take
	}
	err = fmt.Errorf("%w: intervals of the passive side: %w", ErrResults, err)
	if errors.Is(err, control.ErrIncomplete) {
		r.out.errs = append(r.out.errs, err)
		return nil // the others may be whole
	}
	return err
}
