package stats

// ring sorts the rotations of a text by induced sorting: see Nong, Zhang and
// Chan, "Two Efficient Algorithms for Linear Time Suffix Array Construction",
// 2011. The text is a ring without an end, which that does not mind. A position
// is S (smaller) if its rotation is smaller than that of the next position, else
// L (larger). Leftmost S are those after an L; once their rotations are in
// order, all others follow in two passes: an L rotation has its place among
// those of the same first symbol by the place of the rotation after it, and an
// S likewise, from the end.
//
// The text has n symbols at 1..n; at 0 the last one stands again.
type ring struct {
	text    []byte
	n       int
	symbols int // in use: 0..symbols-1

	// count has how many L positions, and how many S, begin with a symbol, at
	// 2*symbol and behind it.
	count    [2 * 256]int32
	leftmost []int32 // S positions after an L, descending, later in order

	// rows is the sorted positions. Each symbol's begin with the L, then comes
	// a row that is not used, then the S. The passes write each position in any
	// case, and advance if it was right to; what was not goes to the row that
	// the next one overwrites, or to the unused one. So there is no branch that
	// the CPU cannot foresee, which would take longer than everything else.
	rows []int32
	head [256]int32
	tail [256]int32
}

// classify fills count and leftmost. It returns false if all symbols are equal.
func (r *ring) classify() bool {
	text, last := r.text[:r.n+1], r.text[r.n]
	i := 1
	for i < r.n && text[i] == last {
		i++
	}
	if text[i] == last {
		return false
	}
	r.count = [2 * 256]int32{}
	if cap(r.leftmost) < r.n/2+1 {
		r.leftmost = make([]int32, r.n/2+1)
	}
	leftmost := r.leftmost[:r.n/2+1]
	m := 0
	// s is 1 for an S. Equal symbols are of the type of the next one, hence
	// the comparison of doubles, plus s.
	s, next := 0, int(last)
	if last < text[i] {
		s = 1
	}
	r.count[2*next+s]++
	for i := r.n - 1; i >= 0; i-- {
		c := int(text[i])
		before := int(uint(2*c-2*next-s) >> 63)
		leftmost[m] = int32(i + 1)
		m += s &^ before
		next, s = c, before
		r.count[2*c+s]++
	}
	r.count[2*next+s]-- // text[0] is text[n]
	r.leftmost = leftmost[:m]
	return true
}

// layOut finds where each symbol's rows are.
func (r *ring) layOut() {
	if cap(r.rows) < r.n+r.symbols {
		r.rows = make([]int32, r.n+r.symbols+r.n/4)
	}
	r.rows = r.rows[:r.n+r.symbols]
	at := int32(0)
	for c := range r.symbols {
		r.head[c] = at
		at += r.count[2*c] + 1 + r.count[2*c+1]
		r.tail[c] = at - 1
	}
}

// induceL puts the L positions in order. leftmost is in order.
func (r *ring) induceL() {
	text, rows, head, leftmost := r.text, r.rows, &r.head, r.leftmost
	n := int32(r.n)
	begin := int32(0)
	for c := range r.symbols {
		for _, j := range rows[begin : begin+r.count[2*c]] {
			p := text[j-1]
			if j--; j == 0 {
				j = n
			}
			at := head[p]
			rows[at] = j
			head[p] = at + int32(1-uint(int(p)-c)>>63) // if p >= c
		}
		for len(leftmost) > 0 && int(text[leftmost[0]]) == c {
			j := leftmost[0]
			leftmost = leftmost[1:]
			p := text[j-1]
			if j--; j == 0 {
				j = n
			}
			rows[head[p]] = j
			head[p]++
		}
		begin += r.count[2*c] + 1 + r.count[2*c+1]
	}
}

// induceS puts the S positions in order from the L, and writes the symbols
// before all rotations to out. It returns the row of the rotation at 1.
func (r *ring) induceS(out []byte) (origin int) {
	text, rows, tail := r.text, r.rows, &r.tail
	n := int32(r.n)
	k := r.n
	end := int32(len(rows)) - 1
	for c := r.symbols - 1; c >= 0; c-- {
		limit := c // predecessors up to it are S
		for i, low := end, end-r.count[2*c+1]; ; i-- {
			if i == low {
				if limit < c {
					break
				}
				// the unused row, behind it the L
				limit, low = c-1, low-1-r.count[2*c]
				continue
			}
			j := rows[i]
			p := text[j-1]
			k--
			out[k] = p
			if j--; j == 0 {
				origin, j = k, n
			}
			at := tail[p]
			rows[at] = j
			tail[p] = at - int32(1-uint(limit-int(p))>>63) // if p <= limit
		}
		end -= r.count[2*c] + 1 + r.count[2*c+1]
	}
	return origin
}
