package stats

import (
	"encoding/binary"
	"math/bits"
)

// keyMask is where a key has its symbols.
const keyMask uint64 = 0xffffffff << 32

// packed is a ring's symbols, each with as few bits as needed, so that a
// comparison takes in many: 16 of a vector's, which has 14 different ones.
type packed struct {
	bits  []byte
	width int // bits of a symbol
	n     int // symbols, without those that follow since it is a ring
}

// pack sets the symbols, text[1:], and as many of the beginning as a key may
// reach over the end.
func (p *packed) pack(text []byte, symbols int) {
	p.n = len(text) - 1
	p.width = max(4, bits.Len(uint(symbols-1)))
	out, width := p.bits[:0], p.width
	pending, used := uint64(0), 0
	add := func(c byte) {
		pending = pending<<(width&15) | uint64(c)
		if used += width; used >= 32 {
			used -= 32
			out = binary.BigEndian.AppendUint32(out, uint32(pending>>(used&31)))
		}
	}
	for _, c := range text[1:] {
		add(c)
	}
	for i := range 32 / 4 {
		add(text[1+i%p.n])
	}
	// The last bits, and zeros as far as key reads.
	out = binary.BigEndian.AppendUint32(out, uint32(pending<<(32-used)))
	p.bits = binary.BigEndian.AppendUint64(out, 0)
}

// key returns the symbols from position i (0..n-1) on, and perhaps a part of
// one, in the upper half.
func (p *packed) key(i int) uint64 {
	i *= p.width
	return binary.BigEndian.Uint64(p.bits[i>>3:]) << (i & 7) & keyMask
}
