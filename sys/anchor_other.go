//go:build !linux

package sys

// NewAnchor returns an Anchor that holds nothing: only Linux is known to need it.
// now is the Monotonic time.
func NewAnchor(now int64) *Anchor {
	no := func() bool { return false }
	return newAnchor(now, no, no)
}
