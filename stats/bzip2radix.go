package stats

import "slices"

// maxCompared is how many symbols of rotations are compared at most. More than
// a vector's line, since two lines differ in their numbers: they are in order
// long before. What repeats over longer distances is for transformAny.
const maxCompared = 256

// sorter has the memory for putting rotations in order.
type sorter struct {
	packed
	// items are rotations: in the upper half the symbols at which they are
	// compared, in the lower the position (0..n-1).
	items, other []uint64
}

// sort puts positions (1..n) in the order of the rotations there. It returns
// false if some are still equal after maxCompared symbols.
func (s *sorter) sort(positions []int32) bool {
	m := len(positions)
	if cap(s.items) < m {
		s.items, s.other = make([]uint64, m+m/4), make([]uint64, m+m/4)
	}
	items := s.items[:m]
	for i, p := range positions {
		items[i] = uint64(p - 1)
	}
	if !s.sortFrom(items, s.other[:m], 0) {
		return false
	}
	for i, x := range items {
		positions[i] = int32(x) + 1
	}
	return true
}

// sortFrom sorts items whose first depth symbols are equal. other is scratch
// of the same length.
func (s *sorter) sortFrom(items, other []uint64, depth int) bool {
	if depth >= maxCompared {
		return false
	}
	shift := depth % s.n
	for i, x := range items {
		p := int(uint32(x)) + shift
		if p >= s.n {
			p -= s.n
		}
		items[i] = s.key(p) | x&^keyMask
	}
	if len(items) < 100 {
		sortFew(items)
	} else {
		sortMany(items, other)
	}
	depth += 32 / s.width
	for i := 0; i < len(items); {
		end := i + 1
		for end < len(items) && items[end]&keyMask == items[i]&keyMask {
			end++
		}
		if end > i+1 && !s.sortFrom(items[i:end], other[i:end], depth) {
			return false
		}
		i = end
	}
	return true
}

func sortFew(items []uint64) {
	if len(items) > 16 {
		slices.Sort(items)
		return
	}
	for i := 1; i < len(items); i++ {
		x := items[i]
		j := i
		for ; j > 0 && items[j-1] > x; j-- {
			items[j] = items[j-1]
		}
		items[j] = x
	}
}

// sortMany is a radix sort, from the last byte of the keys to the first: no
// comparison, no branch to guess. Bytes that are the same in all keys are left
// out.
func sortMany(items, other []uint64) {
	var counts [4][256]int32
	for _, k := range items {
		counts[0][byte(k>>32)]++
		counts[1][byte(k>>40)]++
		counts[2][byte(k>>48)]++
		counts[3][byte(k>>56)]++
	}
	from, to := items, other
	for digit := range counts {
		count := &counts[digit]
		shift := 32 + 8*digit
		if int(count[byte(items[0]>>shift)]) == len(items) {
			continue
		}
		at := int32(0)
		for i, n := range count {
			count[i] = at
			at += n
		}
		for _, x := range from {
			b := byte(x >> shift)
			to[count[b]] = x
			count[b]++
		}
		from, to = to, from
	}
	if &from[0] != &items[0] {
		copy(items, from)
	}
}
