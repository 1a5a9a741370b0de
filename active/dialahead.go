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

// dialAhead connects all data channels in the order of their flows. The
// protocol lets them wait, unidentified, for their ADD_FLOW, so that the time
// for connecting does not grow with their number. The caller calls identified
// for each channel whose flows have been identified, and, after it has ended the context
// or identified all, dialled to wait until nothing is being connected.
func (r *run) dialAhead(ctx context.Context) (identified, dialled func()) {
	slots := make(chan struct{}, dialsAhead)
	r.measuring = make(chan struct{})
	var dialling sync.WaitGroup
	dialling.Go(func() {
		for i, l := range r.links {
			if i > 0 {
				// A client that has added a flow keeps its place on a passive
				// side of ours that thousands of silent connections besiege.
				select {
				case <-r.measuring:
				case <-ctx.Done():
				}
			}
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				l.dialErr = context.Cause(ctx)
				close(l.dialled)
				continue
			}
			dialling.Go(func() {
				defer close(l.dialled)
				l.dialErr = r.dial(ctx, l)
			})
		}
	})
	return func() { <-slots }, dialling.Wait
}

// awaitDial returns when the flow's data channel is connected or cannot be.
func (f *dataFlow) awaitDial() error {
	<-f.link.dialled
	if err := f.link.dialErr; err != nil {
		return fmt.Errorf("%w: flow %d (%s): %w", dialError(err), f.key.Flow, f.config.Spec.Description, err)
	}
	return nil
}
