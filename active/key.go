package active

import (
	"context"
	"errors"
	"fmt"

	"netperfmeter/control"
)

// settleKey follows the first ADD_FLOW, whose outcome it is given: the first
// acknowledgement says whether the passive side is one of ours, and one that
// has a key refuses flows until both have proven to know it. Then the flow is
// added again.
func (r *run) settleKey(ctx context.Context, f *dataFlow, err error) error {
	refused := errors.Is(err, control.ErrRefused)
	switch {
	case err != nil && !refused:
		return err
	case r.Key == nil:
		if refused && r.client.Ours() && r.client.KeyRequired(ctx) {
			return fmt.Errorf("%w: it wants a key, see --key-file", err)
		}
		return err
	case !r.client.Ours():
		return fmt.Errorf("%w: the passive side is another program, which cannot prove that it knows the key", ErrRequirement)
	}
	if err := r.client.Prove(ctx, r.Key); err != nil {
		if errors.Is(err, control.ErrRefused) {
			return fmt.Errorf("%w: the passive side does not know this key: %w", ErrRequirement, err)
		}
		return fmt.Errorf("%w: %w", ErrRequirement, err)
	}
	return r.client.AddFlow(ctx, f.add)
}
