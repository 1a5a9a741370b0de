package stats

import "encoding/binary"

// bitWriter appends bits to bytes, the highest bit of a byte first. Less
// than 32 wait in pending, left-aligned. The zero value is empty.
type bitWriter struct {
	out     []byte
	pending uint64
	used    uint // bits of pending
}

func (w *bitWriter) reset() { *w = bitWriter{out: w.out[:0]} }

// put appends the lowest n bits of v, at most 32; the others must be 0.
func (w *bitWriter) put(v uint64, n uint) {
	w.pending |= v << ((64 - n - w.used) & 63)
	w.used += n
	if w.used >= 32 {
		w.out = binary.BigEndian.AppendUint32(w.out, uint32(w.pending>>32))
		w.pending <<= 32
		w.used -= 32
	}
}

// finish completes the last byte and returns how many bits there are.
func (w *bitWriter) finish() int {
	n := 8*len(w.out) + int(w.used)
	for ; w.used > 0; w.used -= min(w.used, 8) {
		w.out = append(w.out, byte(w.pending>>56))
		w.pending <<= 8
	}
	return n
}
