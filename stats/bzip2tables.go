package stats

import "math"

const (
	groupSize = 50 // codes that share a table
	// refinements is how often tables are fitted to the groups that chose them.
	refinements = 2
	laneBits    = 10 // for the costs of a group: 50 codes of up to 20 bits
	laneMask    = 1<<laneBits - 1
)

// tables has a block's codes and the tables to write them with.
type tables struct {
	count       int // of tables
	alphabet    int
	lengths     [maxTables][maxCodes]uint8
	selectors   []uint8 // the groups' tables
	frequencies [maxTables][maxCodes]uint32
	costs       [maxCodes]uint64 // lengths in all tables, laneBits each
	huffman     huffman
}

// choose finds tables for codes of an alphabet. The transform brings similar
// contexts together, so a table for each part of the text is a good start; then
// groups choose the cheapest table and tables are made for their groups, in
// turn.
func (t *tables) choose(codes []uint16, alphabet int) {
	groups := (len(codes) + groupSize - 1) / groupSize
	t.alphabet = alphabet
	t.count = min(maxTables, 2+groups/12)
	t.selectors = t.selectors[:0]
	for g := range groups {
		t.selectors = append(t.selectors, uint8(g*t.count/groups))
	}
	t.fit(codes)
	for range refinements {
		t.selectAll(codes)
		t.fit(codes)
	}
	t.selectAll(codes)
}

// fit makes the tables for the groups that have selected them.
func (t *tables) fit(codes []uint16) {
	t.frequencies = [maxTables][maxCodes]uint32{}
	for _, s := range t.selectors {
		n := min(groupSize, len(codes))
		f := &t.frequencies[s]
		for _, c := range codes[:n] {
			f[c]++
		}
		codes = codes[n:]
	}
	clear(t.costs[:])
	for i := range t.count {
		lengths := t.lengths[i][:t.alphabet]
		t.huffman.lengths(lengths, t.frequencies[i][:t.alphabet])
		for c, l := range lengths {
			t.costs[c] |= uint64(l) << (laneBits * i)
		}
	}
}

// selectAll selects the cheapest table for each group.
func (t *tables) selectAll(codes []uint16) {
	for g := range t.selectors {
		n := min(groupSize, len(codes))
		cost := uint64(0)
		for _, c := range codes[:n] {
			cost += t.costs[c]
		}
		codes = codes[n:]
		least := uint64(math.MaxUint64)
		for i := range t.count {
			least = min(least, cost&laneMask<<8|uint64(i))
			cost >>= laneBits
		}
		t.selectors[g] = uint8(least)
	}
}
