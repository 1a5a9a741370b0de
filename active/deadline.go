package active

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// bounded makes a context that ends with the deadline as well.
func (r *run) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.Deadline.IsZero() {
		return context.WithCancel(ctx)
	}
	return context.WithDeadlineCause(ctx, r.Deadline, ErrDeadline)
}

// ofDeadline tells whether an error is what the end of the deadline can make.
func ofDeadline(err error) bool {
	return errors.Is(err, ErrUnreachable) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded)
}

// overdue tells whether the deadline has passed.
func (r *run) overdue() bool { return !r.Deadline.IsZero() && !time.Now().Before(r.Deadline) }

// until cuts a time-out at the deadline.
func (r *run) until(timeout time.Duration) time.Time {
	at := time.Now().Add(timeout)
	if !r.Deadline.IsZero() && r.Deadline.Before(at) {
		return r.Deadline
	}
	return at
}

// errOverdue is the end of a measurement whose deadline passes while it runs:
// there is no time left to ask the passive side for its results.
var errOverdue = fmt.Errorf("%w: %w while the flows ran: the passive side's results could not be fetched", ErrResults, ErrDeadline)
