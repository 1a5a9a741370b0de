package stats

import "math/bits"

// Slabs have room for minSlab to maxSlab runs, a power of two.
const (
	minSlab = 64
	maxSlab = 8192
)

// slab is a piece of a flow's records between its receiver and its file. While
// it waits it may be moved to the spill file: then it has a slot instead of runs.
type slab struct {
	runs  []run
	count int   // runs, wherever they are
	slot  int64 // in the spill file
	state slabState
}

type slabState uint8

const (
	inMemory slabState = iota
	spilling           // waits for the spiller, or is being written
	onDisk
	dropped // its recorder failed while it was spilling: the spiller frees it
)

// nextSlabSize returns the size of the slab after a full one that took so long
// (microseconds) to fill. A slab is to be full after about a tenth of a second:
// a fast flow hands over large slabs, a slow one keeps little memory, however
// long it runs.
func nextSlabSize(size int, took int64) int {
	switch {
	case took < 50_000:
		return min(2*size, maxSlab)
	case took > 200_000:
		return max(size/2, minSlab)
	}
	return size
}

// slabPool keeps the memory of slabs for the next ones, so that recording
// leaves nothing to the garbage collector. It has no lock of its own.
type slabPool struct {
	free  [8][][]run // by size: 64, 128, ... 8192
	bytes int        // in free
	limit int        // of bytes
}

func slabClass(size int) int { return bits.Len(uint(size)) - bits.Len(minSlab) }

// get returns an empty slab of a size.
func (p *slabPool) get(size int) []run {
	free := &p.free[slabClass(size)]
	last := len(*free) - 1
	if last < 0 {
		return make([]run, 0, size)
	}
	runs := (*free)[last]
	(*free)[last] = nil
	*free = (*free)[:last]
	p.bytes -= slabBytes(runs)
	return runs[:0]
}

// put takes a slab's memory back.
func (p *slabPool) put(runs []run) {
	if p.bytes+slabBytes(runs) > p.limit {
		return
	}
	class := slabClass(cap(runs))
	p.free[class] = append(p.free[class], runs)
	p.bytes += slabBytes(runs)
}

func slabBytes(runs []run) int { return cap(runs) * runSize }
