package stats

// bzip2BlockSize is how much text becomes one block. A stream announces how long
// its blocks are at most, in steps of 100 kB, here the first. Blocks may grow by
// a quarter in bzip2's first step, and 64 KiB then still fit. Measured on
// vectors, sizes from 32 to 76 KiB differ by 4 % in what is left, one way or the
// other, and not much in time; what 64 KiB needs stays within one CPU's cache.
const bzip2BlockSize = 1 << 16

// The parts of a bzip2 stream: "BZh" and the level, blocks, an end mark and the
// combined CRC, zeros up to a whole byte. Blocks begin with a mark and their
// CRC, and end at any bit.
const (
	bzip2Magic     = "BZh1" // and the size
	bzip2BlockMark = 0x314159265359
	bzip2EndMark   = 0x177245385090
	bzip2EndBits   = 48 + 32
)

// bitBlock is one compressed block: the first n bits of bits.
type bitBlock struct {
	bits []byte
	n    int
	crc  uint32
}
