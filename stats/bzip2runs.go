package stats

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"
)

// maxRun is the longest run that bzip2's first step writes in one piece: four
// bytes and a count of 0 to 251 more.
const maxRun = 4 + 251

// appendShortRuns is bzip2's first step: after four equal bytes comes how many
// more of them there were. b grows by at most a quarter of text.
func appendShortRuns(b, text []byte) []byte {
	for len(text) > 0 {
		n := beforeRun(text)
		b = append(b, text[:n]...)
		if text = text[n:]; len(text) == 0 {
			break
		}
		c, run := text[0], 4
		for run < min(len(text), maxRun) && text[run] == c {
			run++
		}
		b = append(b, c, c, c, c, byte(run-4))
		text = text[run:]
	}
	return b
}

// beforeRun returns where the first four equal bytes are, or the length.
func beforeRun(text []byte) int {
	i := 0
	// If bytes 2 and 3 after i differ, as mostly, no run begins up to byte 2.
	for i+3 < len(text) {
		switch {
		case text[i+3] != text[i+2]:
			i += 3
		case text[i+2] != text[i+1]:
			i += 2
		case text[i+1] != text[i]:
			i++
		default:
			return i
		}
	}
	return len(text)
}

// bzip2CRC returns the CRC-32 of text as bzip2 computes it: with the usual
// polynomial and start, but from the highest bit of each byte to the lowest.
// That is the usual CRC with all bits the other way round, for which the
// standard library has fast code. scratch is overwritten; at least as long as
// text and 7 bytes more.
func bzip2CRC(text, scratch []byte) uint32 {
	n := len(text)
	i := 0
	for ; i+8 <= n; i += 8 {
		// Reversing all 64 bits and then the order of the bytes.
		v := bits.Reverse64(binary.LittleEndian.Uint64(text[i:]))
		binary.BigEndian.PutUint64(scratch[i:], v)
	}
	for ; i < n; i++ {
		scratch[i] = bits.Reverse8(text[i])
	}
	return bits.Reverse32(crc32.ChecksumIEEE(scratch[:n]))
}
