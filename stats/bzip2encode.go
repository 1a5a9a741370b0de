package stats

// maxStepped is the longest block after the first step.
const maxStepped = bzip2BlockSize + bzip2BlockSize/4

// blockEncoder compresses texts of up to bzip2BlockSize bytes into blocks, one
// at a time, in bzip2's steps: runs are shortened, symbols with similar
// contexts brought together (the Burrows-Wheeler transform), replaced by how
// long ago they came (moving to the front), and written with the fewest bits
// (Huffman). It belongs to one goroutine, and keeps its memory from block to
// block: about 1.3 MB, at most 2. Only texts that repeat over more than
// maxCompared bytes take some more, for as long as they are sorted.
type blockEncoder struct {
	text        []byte // after the first step; text[0] is the last byte
	transformed []byte
	codes       []uint16
	transformer transformer
	tables      tables
	w           bitWriter
}

// encode compresses text, which is not empty. The block is valid until the next
// call.
func (e *blockEncoder) encode(text []byte) bitBlock {
	if e.text == nil {
		e.text = make([]byte, 0, 1+maxStepped)
		e.transformed = make([]byte, maxStepped)
		e.codes = make([]uint16, 0, maxStepped+1)
	}
	crc := bzip2CRC(text, e.transformed)
	e.text = appendShortRuns(append(e.text[:0], 0), text)
	e.text[0] = e.text[len(e.text)-1]
	var used [256]bool
	symbols := number(e.text, &used)
	transformed := e.transformed[:len(e.text)-1]
	origin := e.transformer.transform(e.text, symbols, transformed)
	e.codes = moveToFront(e.codes[:0], transformed, symbols)
	e.tables.choose(e.codes, symbols+2)

	e.w.reset()
	e.w.put(bzip2BlockMark>>24, 24)
	e.w.put(bzip2BlockMark&0xffffff, 24)
	e.w.put(uint64(crc), 32)
	e.w.put(uint64(origin), 1+24) // a 0 for "not randomised" before it
	writeUsed(&e.w, &used)
	e.tables.write(&e.w, e.codes)
	n := e.w.finish()
	return bitBlock{bits: e.w.out, n: n, crc: crc}
}

// number replaces bytes by their numbers among those that are in use, and
// returns how many are.
func number(text []byte, used *[256]bool) int {
	for _, c := range text {
		used[c] = true
	}
	var numbers [256]byte
	symbols := 0
	for c, u := range used {
		if u {
			numbers[c] = byte(symbols)
			symbols++
		}
	}
	for i, c := range text {
		text[i] = numbers[c]
	}
	return symbols
}

// writeUsed writes which bytes are in use: which rows of 16 have some, and
// those rows.
func writeUsed(w *bitWriter, used *[256]bool) {
	var rows [16]uint64
	some := uint64(0)
	for c, u := range used {
		if u {
			rows[c>>4] |= 0x8000 >> (c & 15)
			some |= 0x8000 >> (c >> 4)
		}
	}
	w.put(some, 16)
	for _, row := range rows {
		if row != 0 {
			w.put(row, 16)
		}
	}
}
