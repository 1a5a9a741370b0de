package stats

// transformer has the memory of the Burrows-Wheeler transform.
type transformer struct {
	ring
	sorter
}

// transform writes the symbols before all rotations of text[1:], in their
// order, to out, and returns which of them is the text itself. text[0] is the
// last symbol; the symbols are 0..symbols-1, all of them in use.
func (t *transformer) transform(text []byte, symbols int, out []byte) (origin int) {
	n := len(text) - 1
	t.ring.text, t.ring.n, t.ring.symbols = text, n, symbols
	if !t.classify() {
		copy(out, text[1:]) // all symbols are equal
		return 0
	}
	t.pack(text, symbols)
	if !t.sort(t.leftmost) {
		return transformAny(text, symbols, out)
	}
	t.layOut()
	t.induceL()
	return t.induceS(out)
}

// transformAny does it for texts that repeat over long distances.
func transformAny(text []byte, symbols int, out []byte) (origin int) {
	numbers := make([]int32, len(text)-1)
	for i, c := range text[1:] {
		numbers[i] = int32(c)
	}
	for k, i := range rotations(numbers, symbols) {
		if i == 0 {
			origin = k
		}
		out[k] = text[i]
	}
	return origin
}
