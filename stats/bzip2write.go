package stats

// write writes the tables, and the codes with them.
func (t *tables) write(w *bitWriter, codes []uint16) {
	w.put(uint64(t.count), 3)
	w.put(uint64(len(t.selectors)), 15)
	t.writeSelectors(w)
	for i := range t.count {
		writeLengths(w, t.lengths[i][:t.alphabet])
	}
	var entries [maxTables][maxCodes]uint32
	for i := range t.count {
		canonical(&entries[i], t.lengths[i][:t.alphabet])
	}
	for _, s := range t.selectors {
		n := min(groupSize, len(codes))
		table := &entries[s]
		for _, c := range codes[:n] {
			entry := table[c]
			w.put(uint64(entry>>8), uint(entry&0xff))
		}
		codes = codes[n:]
	}
}

// writeSelectors writes how many other tables were in use since the selected
// one, as so many ones and a zero.
func (t *tables) writeSelectors(w *bitWriter) {
	order := [maxTables]uint8{0, 1, 2, 3, 4, 5}
	for _, s := range t.selectors {
		i := uint(0)
		for last := order[0]; last != s; {
			i++
			last, order[i] = order[i], last
		}
		order[0] = s
		w.put(1<<(i+1)-2, i+1)
	}
}

// writeLengths writes a first length, and for each one the steps from the one
// before: 10 is one more, 11 one less, 0 the end of the steps.
func writeLengths(w *bitWriter, lengths []uint8) {
	last := lengths[0]
	w.put(uint64(last), 5)
	for _, l := range lengths {
		for ; last < l; last++ {
			w.put(2, 2)
		}
		for ; last > l; last-- {
			w.put(3, 2)
		}
		w.put(0, 1)
	}
}

// canonical sets the codes' bits, and their lengths in the lowest 8 bits:
// ascending in the order of the lengths and the codes.
func canonical(entries *[maxCodes]uint32, lengths []uint8) {
	code := uint32(0)
	for n := range uint8(maxCodeLength + 1) {
		code <<= 1
		for i, l := range lengths {
			if l == n {
				entries[i] = code<<8 | uint32(n)
				code++
			}
		}
	}
}
