package stats

import (
	"cmp"
	"slices"
	"time"
)

// Gap is an interval without a message.
type Gap struct {
	Start int64 // microseconds since the epoch: the message before it, or the start of the measurement
	// Length is its time less what the sender's plan left out of it.
	Length time.Duration
	Open   bool // no message ended it before the end of the measurement
	// Recovery is the time from its end until the old rate was back: to the
	// first 200 ms that brought at least 90 % of the bytes that 200 ms brought
	// on average in the second before the gap. Negative: not seen.
	Recovery time.Duration
}

// GapList is what is known of the gaps of one direction of a flow.
type GapList struct {
	Base      int64         // what RelTime counts from, microseconds since the epoch
	Threshold time.Duration // only longer ones are listed; 0: none is
	Total     uint64        // how many were longer
	Gaps      []Gap         // the longest of them, in the order of their times
}

// RelTime gives an instant as seconds since the Base.
func (g *GapList) RelTime(at int64) float64 { return float64(at-g.Base) / 1e6 }

// GapConfig says which gaps to look for.
type GapConfig struct {
	Threshold time.Duration // list longer ones; 0: none
	// Silence returns how much of the time between two instants the sender's
	// plan leaves out, all in microseconds (since the epoch). The instants
	// never decrease from call to call. nil: nothing.
	Silence func(from, to int64) int64
}

// The gaps that are kept, and the bins (of microseconds) that rates are made
// of: a ring of them holds more than the second before a gap.
const (
	mostGaps   = 32
	binTime    = 10_000
	binCount   = 128
	beforeBins = 100 // the old rate is that of so many bins
	leastBins  = 10  // or of fewer, but not of less than so many
	backBins   = 20  // it is back when so many have
	backShare  = 0.9 // so much of it
)

// gapWatch lists gaps and finds when rates are back after them, in constant
// memory.
type gapWatch struct {
	threshold int64 // microseconds
	total     uint64
	list      []Gap // the longest, in no order

	bin   int64            // number of the current bin, from the epoch
	sums  [binCount]uint64 // bytes received up to the end of each bin
	since int64            // first bin that counts for a rate: the last gap's end

	current Gap     // whose recovery is waited for, if rate is not 0
	end     int64   // of it
	rate    float64 // before it, bytes per bin
}

// begin starts with the bin of a time, bytes having come before.
func (w *gapWatch) begin(time int64, bytes uint64) {
	w.bin = time / binTime
	w.since = w.bin
	w.sums[(w.bin-1)%binCount] = bytes
}

// roll goes to the bin of a time and returns the time of its end; bytes had
// come before.
func (w *gapWatch) roll(time int64, bytes uint64) (next int64) {
	bin := time / binTime
	if w.bin == 0 {
		w.begin(time, bytes)
	}
	for b := max(w.bin, bin-binCount); b < bin; b++ {
		w.sums[b%binCount] = bytes
		w.look(b)
	}
	w.bin = bin
	return (bin + 1) * binTime
}

// look ends the wait for a rate if it is back with the end of a bin.
func (w *gapWatch) look(bin int64) {
	start := bin - backBins // the bin before the window
	if w.rate == 0 || start < w.since-1 {
		return
	}
	if came := w.sums[bin%binCount] - w.sums[start%binCount]; float64(came) < backShare*backBins*w.rate {
		return
	}
	w.current.Recovery = microseconds(max((start+1)*binTime-w.end, 0))
	w.settle()
}

// settle keeps the gap that a rate was waited for, whether or not it is back.
func (w *gapWatch) settle() {
	if w.rate != 0 {
		w.keep(w.current)
		w.rate = 0
	}
}

// keep lists a gap unless there are enough longer ones.
func (w *gapWatch) keep(g Gap) {
	if len(w.list) < mostGaps {
		w.list = append(w.list, g)
		return
	}
	least := 0
	for i := range w.list {
		if w.list[i].Length < w.list[least].Length {
			least = i
		}
	}
	if g.Length > w.list[least].Length {
		w.list[least] = g
	}
}

// add takes in a gap that a message ends; bytes had come before it. It is
// called before roll.
func (w *gapWatch) add(g Gap, end int64, bytes uint64) {
	w.total++
	rate := w.rate // one that was not back yet stays the old one
	if start := g.Start / binTime; rate == 0 && w.bin != 0 && start-w.since >= leastBins {
		from := max(w.since, start-beforeBins, w.bin-binCount+1)
		took := float64(g.Start)/binTime - float64(from)
		rate = float64(bytes-w.sums[(from-1)%binCount]) / took
	}
	w.settle()
	if rate == 0 {
		w.keep(g)
	}
	w.current, w.end, w.rate = g, end, rate
	w.since = end / binTime
}

// restart forgets the gaps of a warm-up.
func (w *gapWatch) restart() { w.total, w.list, w.rate = 0, nil, 0 }

// gaps returns the list.
func (w *gapWatch) gaps() []Gap {
	w.settle()
	list := slices.Clone(w.list)
	slices.SortFunc(list, func(a, b Gap) int { return cmp.Compare(a.Start, b.Start) })
	return list
}

func microseconds(us int64) time.Duration { return time.Duration(us) * time.Microsecond }
