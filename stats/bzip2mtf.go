package stats

import "math/bits"

// The alphabet of a block's codes: runs of zeros are numbers in base 2 with the
// digits 1 (runA) and 2 (runB), the lowest first; then the other values of
// moving to the front, plus 1; last comes the end of the block.
const (
	runA      = 0
	runB      = 1
	maxCodes  = 256 + 2
	maxTables = 6
)

// moveToFront appends the codes of the symbols, up to the end of the block, to
// codes. Each symbol stands for how many others have come since it came last.
// The last eight are the bytes of a number, the last one lowest, since a search
// through them then is arithmetic and not a loop whose end the CPU must guess.
func moveToFront(codes []uint16, text []byte, symbols int) []uint16 {
	const ones = 0x0101010101010101
	recent := uint64(0x0706050403020100)
	var older [256]byte // from 8
	for i := range older {
		older[i] = byte(i)
	}
	run := 0
	for _, c := range text {
		if c == byte(recent) {
			run++
			continue
		}
		if run > 0 {
			codes = appendRun(codes, run)
			run = 0
		}
		// The lowest byte that is 0 is the lowest where subtracting 1 sets the
		// highest bit that was not set.
		diff := recent ^ uint64(c)*ones
		found := (diff - ones) &^ diff & (ones << 7)
		if found != 0 {
			upTo := found ^ (found - 1) // all bits of the bytes up to it
			codes = append(codes, uint16(bits.TrailingZeros64(found)/8+1))
			recent = recent&^upTo | (recent<<8|uint64(c))&upTo
			continue
		}
		i, out := 8, byte(recent>>56)
		for older[i] != c {
			older[i], out = out, older[i]
			i++
		}
		older[i] = out
		recent = recent<<8 | uint64(c)
		codes = append(codes, uint16(i+1))
	}
	codes = appendRun(codes, run)
	return append(codes, uint16(symbols+1))
}

func appendRun(codes []uint16, n int) []uint16 {
	for ; n > 0; n = (n - 1) >> 1 {
		codes = append(codes, runB-uint16(n&1))
	}
	return codes
}
