package stats

import "slices"

// maxCodeLength is in bits. Readers take up to 20; since 1.0.3 bzip2 writes no
// more than 17.
const maxCodeLength = 17

// huffman is what finding code lengths needs.
type huffman struct {
	sorted [maxCodes]uint64 // frequency and code
	weight [2 * maxCodes]uint32
	parent [2 * maxCodes]uint16
}

// lengths sets the lengths of an optimal prefix code for these frequencies;
// each code gets one, also if its frequency is 0. There are at least 3.
func (h *huffman) lengths(lengths []uint8, frequencies []uint32) {
	// Where codes get too long, frequencies are made more similar, until (if
	// all were 1) no code had more than 9 bits.
	for shift := 0; !h.try(lengths, frequencies, shift); shift++ {
	}
}

// try is Huffman's algorithm on sorted frequencies: nodes come into being in
// the order of their weights, so the two lightest are at the front of the
// leaves or of the nodes.
func (h *huffman) try(lengths []uint8, frequencies []uint32, shift int) bool {
	n := len(frequencies)
	sorted := h.sorted[:n]
	for i, f := range frequencies {
		sorted[i] = uint64(max(1, f>>shift))<<16 | uint64(i)
	}
	slices.Sort(sorted)
	for i, s := range sorted {
		h.weight[i] = uint32(s >> 16)
	}
	leaf, node := 0, n
	for next := n; next < 2*n-1; next++ {
		h.weight[next] = 0
		for range 2 {
			lightest := leaf
			if leaf == n || node < next && h.weight[node] < h.weight[leaf] {
				lightest = node
				node++
			} else {
				leaf++
			}
			h.weight[next] += h.weight[lightest]
			h.parent[lightest] = uint16(next)
		}
	}
	depth := h.weight[:] // of nodes, from the root down
	depth[2*n-2] = 0
	for i := 2*n - 3; i >= 0; i-- {
		depth[i] = depth[h.parent[i]] + 1
	}
	for i, s := range sorted {
		if depth[i] > maxCodeLength {
			return false
		}
		lengths[uint16(s)] = uint8(depth[i])
	}
	return true
}
