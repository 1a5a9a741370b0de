package stats

// name numbers the different parts from a leftmost S to the next in their
// order, and returns the numbers in the order of the text.
func (t *numberRing) name() (names []int32, count int) {
	byPosition := make([]int32, len(t.text))
	last := int32(-1)
	for _, i := range t.rows {
		if !t.isLeftmost(i) {
			continue
		}
		if last < 0 || !t.equal(last, i) {
			count++
		}
		byPosition[i] = int32(count - 1)
		last = i
	}
	names = make([]int32, len(t.leftmost))
	for k, i := range t.leftmost {
		names[k] = byPosition[i]
	}
	return names, count
}

// equal compares the parts at two leftmost S.
func (t *numberRing) equal(a, b int32) bool {
	for {
		if t.text[a] != t.text[b] || t.small[a] != t.small[b] {
			return false
		}
		a, b = t.after(a), t.after(b)
		if t.isLeftmost(a) || t.isLeftmost(b) {
			return t.isLeftmost(a) && t.isLeftmost(b) && t.text[a] == t.text[b]
		}
	}
}
