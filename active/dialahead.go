package active

import (
	"context"
	"fmt"
	"sync"
)

// dialsAhead is how many data channels are connected, or being connected, and
// not yet identified. A passive side keeps few of those of one client, and not
// for long, since anyone can connect and say nothing.
const dialsAhead = 32

// dialAhead connects the data channels of all flows in their order. The
// protocol lets them wait, unidentified, for their ADD_FLOW, so that the time
// for connecting does not grow with their number. The caller calls identified
// for each flow that has been identified, and, after it has ended the context
// or identified all, dialled to wait until nothing is being connected.
func (r *run) dialAhead(ctx context.Context) (identified, dialled func()) {
	slots := make(chan struct{}, dialsAhead)
	var dialling sync.WaitGroup
	dialling.Go(func() {
		for _, f := range r.flows {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				f.dialErr = context.Cause(ctx)
				close(f.dialled)
				continue
			}
			dialling.Go(func() {
				defer close(f.dialled)
				f.conn, f.dialErr = r.dial(ctx, f)
			})
		}
	})
	return func() { <-slots }, dialling.Wait
}

// awaitDial returns when the flow's data channel is connected or cannot be.
func (f *dataFlow) awaitDial() error {
	<-f.dialled
	if err := f.dialErr; err != nil {
		return fmt.Errorf("%w: flow %d (%s): %w", dialError(err), f.key.Flow, f.config.Spec.Description, err)
	}
	return nil
}
