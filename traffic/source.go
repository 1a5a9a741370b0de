package traffic

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"

	"netperfmeter/wire"
)

// Sources are the random sources of one direction of a flow, one for each use:
// however many values one use takes, the others stay the same.
type Sources struct {
	Rate, Size, OnOff  *rand.Rand
	Order, Reliability *rand.Rand // of SCTP's messages
}

// NewSources returns the sources of a direction of a flow. They depend on the
// arguments only, and are independent of those of other arguments.
func NewSources(seed uint64, flow wire.FlowID, stream wire.StreamID, outgoing bool) Sources {
	direction := uint64(0)
	if outgoing {
		direction = 1
	}
	source := func(use uint64) *rand.Rand {
		return NewSource(seed, uint64(flow), uint64(stream), direction, use)
	}
	return Sources{Rate: source(0), Size: source(1), OnOff: source(2), Order: source(3), Reliability: source(4)}
}

// NewSource returns the random source of one part of a measurement. Neighbouring
// numbers give sources that have nothing in common: seed and part go through a
// hash to the state of a PCG, which is small enough for thousands of flows.
func NewSource(seed uint64, part ...uint64) *rand.Rand {
	b := binary.BigEndian.AppendUint64(nil, seed)
	for _, p := range part {
		b = binary.BigEndian.AppendUint64(b, p)
	}
	h := sha256.Sum256(b)
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(h[0:]), binary.BigEndian.Uint64(h[8:])))
}
