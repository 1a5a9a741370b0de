package stats

import (
	"encoding/binary"
	"math/bits"
)

// bitJoiner puts blocks that were compressed on their own, in any order, into
// one bzip2 stream: one and not several, since common readers (libbz2's
// BZ2_bzRead) stop after the first. It keeps the bits that do not make a byte
// yet and the combined CRC. The zero value is a stream without blocks.
type bitJoiner struct {
	begun   bool
	partial byte // the last bits, left-aligned
	used    uint // of partial, 0..7
	crc     uint32
}

// join appends the next block's bytes of the stream to b, as far as they are
// complete.
func (j *bitJoiner) join(b []byte, block bitBlock) []byte {
	b = j.begin(b)
	j.crc = bits.RotateLeft32(j.crc, 1) ^ block.crc
	return j.appendBits(b, block.bits, block.n)
}

// finish appends the end of the stream.
func (j *bitJoiner) finish(b []byte) []byte {
	b = j.begin(b)
	end := binary.BigEndian.AppendUint64(nil, bzip2EndMark<<16|uint64(j.crc>>16))
	end = binary.BigEndian.AppendUint16(end, uint16(j.crc))
	b = j.appendBits(b, end, bzip2EndBits)
	if j.used > 0 {
		b = append(b, j.partial)
	}
	return b
}

func (j *bitJoiner) begin(b []byte) []byte {
	if j.begun {
		return b
	}
	j.begun = true
	return append(b, bzip2Magic...)
}

// appendBits appends the first n bits of src after the partial byte.
func (j *bitJoiner) appendBits(b []byte, src []byte, n int) []byte {
	whole, rest := n/8, uint(n%8)
	if j.used == 0 {
		b = append(b, src[:whole]...)
	} else {
		b = j.appendShifted(b, src[:whole])
	}
	if rest == 0 {
		return b
	}
	last := src[whole] &^ (0xff >> rest)
	j.partial |= last >> j.used
	if j.used += rest; j.used >= 8 {
		b = append(b, j.partial)
		j.used -= 8
		j.partial = last << (rest - j.used)
	}
	return b
}

func (j *bitJoiner) appendShifted(b []byte, src []byte) []byte {
	partial, used := j.partial, j.used
	for len(src) >= 8 {
		v := binary.BigEndian.Uint64(src)
		b = binary.BigEndian.AppendUint64(b, uint64(partial)<<56|v>>used)
		partial = byte(v << (8 - used))
		src = src[8:]
	}
	for _, v := range src {
		b = append(b, partial|v>>used)
		partial = v << (8 - used)
	}
	j.partial = partial
	return b
}
