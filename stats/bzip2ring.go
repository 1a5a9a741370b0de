package stats

// rotations returns the positions (0..n-1) of a ring of symbols 0..symbols-1
// in the order of the rotations, equal ones in any order. It sorts by induction
// all the way (see ring, and the paper there): in linear time whatever the text
// is, but slower than comparing where that ends soon. Symbols are numbers, since
// the names of the parts of a text are the symbols of a shorter one.
func rotations(text []int32, symbols int) []int32 {
	t := numberRing{text: text, rows: make([]int32, len(text)), ends: make([]int32, symbols)}
	if !t.classify() {
		for i := range t.rows {
			t.rows[i] = int32(i)
		}
		return t.rows
	}
	t.induce(t.leftmost)
	// The parts from a leftmost S to the next are in order now.
	names, count := t.name()
	order := make([]int32, len(names))
	if count < len(names) {
		order = rotations(names, count)
	} else {
		for i, name := range names {
			order[name] = int32(i)
		}
	}
	for i, k := range order {
		order[i] = t.leftmost[k]
	}
	t.induce(order)
	return t.rows
}

type numberRing struct {
	text     []int32
	small    []bool  // S positions
	leftmost []int32 // ascending
	rows     []int32
	ends     []int32 // of the symbols
}

func (t *numberRing) after(i int32) int32 {
	if i++; int(i) < len(t.text) {
		return i
	}
	return 0
}

func (t *numberRing) before(i int32) int32 {
	if i == 0 {
		return int32(len(t.text)) - 1
	}
	return i - 1
}

func (t *numberRing) isLeftmost(i int32) bool { return t.small[i] && !t.small[t.before(i)] }

// classify returns false if all symbols are equal.
func (t *numberRing) classify() bool {
	n := len(t.text)
	i := 0
	for i < n && t.text[i] == t.text[n-1] {
		i++
	}
	if i == n {
		return false
	}
	t.small = make([]bool, n)
	t.small[n-1] = t.text[n-1] < t.text[i]
	for i := n - 2; i >= 0; i-- {
		t.small[i] = t.text[i] < t.text[i+1] || t.text[i] == t.text[i+1] && t.small[i+1]
	}
	for i := range int32(n) {
		if t.isLeftmost(i) {
			t.leftmost = append(t.leftmost, i)
		}
	}
	return true
}

// findEnds sets ends to where each symbol's rows begin, or end.
func (t *numberRing) findEnds(begin bool) {
	clear(t.ends)
	for _, c := range t.text {
		t.ends[c]++
	}
	at := int32(0)
	for c, n := range t.ends {
		at += n
		t.ends[c] = at
		if begin {
			t.ends[c] -= n
		}
	}
}

// induce sorts all rotations by what follows up to the leftmost S, and those
// by the order that they are given in. (See ring.)
func (t *numberRing) induce(leftmost []int32) {
	for i := range t.rows {
		t.rows[i] = -1
	}
	t.findEnds(false)
	for i := len(leftmost) - 1; i >= 0; i-- {
		c := t.text[leftmost[i]]
		t.ends[c]--
		t.rows[t.ends[c]] = leftmost[i]
	}
	t.findEnds(true)
	for i := range t.rows {
		if j := t.rows[i]; j >= 0 && !t.small[t.before(j)] {
			j = t.before(j)
			c := t.text[j]
			t.rows[t.ends[c]] = j
			t.ends[c]++
		}
	}
	t.findEnds(false)
	for i := len(t.rows) - 1; i >= 0; i-- {
		if j := t.rows[i]; t.small[t.before(j)] {
			j = t.before(j)
			c := t.text[j]
			t.ends[c]--
			t.rows[t.ends[c]] = j
		}
	}
}
