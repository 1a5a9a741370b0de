package active

import (
	"context"
	"errors"
)

// watch has the control channel while a measurement runs: it compares the
// clocks now and then, and notices when the channel breaks.
type watch struct {
	broken chan error // gets why the channel is of no more use
	cancel context.CancelFunc
	ended  chan error // gets the outcome, nil when it was told to end
}

// watchControl starts a watch, which ends with end.
func (r *run) watchControl(ctx context.Context) *watch {
	w := &watch{broken: make(chan error, 1), ended: make(chan error, 1)}
	ctx, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		err := r.keepWatch(ctx)
		if err != nil {
			w.broken <- err
		}
		w.ended <- err
	}()
	return w
}

// keepWatch returns when the context ends, nil then, or with the channel. An
// exchange that is under way then is completed: its answer would be taken for
// that of the next request.
func (r *run) keepWatch(ctx context.Context) error {
	for {
		quiet, cancel := context.WithTimeout(ctx, clockPeriod)
		err := r.client.Watch(quiet)
		cancel()
		switch {
		case errors.Is(err, context.Canceled):
			return nil
		case errors.Is(err, context.DeadlineExceeded):
			exchanging, cancel := r.bounded(context.WithoutCancel(ctx))
			err := r.clocks.during(exchanging, ctx, r.PeerTimeout)
			cancel()
			if err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// end stops watching; the channel is the caller's when it returns nil. The
// answer to an exchange under way is waited for.
func (w *watch) end() error {
	w.cancel()
	return <-w.ended
}
