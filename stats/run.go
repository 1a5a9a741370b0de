package stats

import "unsafe"

// run is a Record and how many more like it followed, their numbers counting
// up. Messages that were read in one piece and sent in one piece have the same
// times, so that most records of a fast flow need no memory of their own.
type run struct {
	Record
	n uint64 // records, at least 1
}

// runSize is the memory of a run, 40 bytes.
const runSize = int(unsafe.Sizeof(run{}))

// extends reports whether r is the record that comes after the run.
func (u *run) extends(r *Record) bool {
	return r.Seq == u.Seq+u.n && r.Time == u.Time && r.Sent == u.Sent &&
		r.Length == u.Length && r.Frames == u.Frames && r.Flags == u.Flags
}

// runBytes lends the memory of runs, for a file that only this process reads.
// Runs have neither pointers nor padding.
func runBytes(runs []run) []byte {
	if len(runs) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&runs[0])), len(runs)*runSize)
}
