//go:build !linux

package channels

// roomForBursts does nothing: other systems refuse sizes above their limit.
func roomForBursts(int, Options) {}

// roomForFlows does nothing, see roomForBursts.
func roomForFlows(int, int) {}
