package stats

// recordFormatter turns a recorder's slabs into text.
type recordFormatter struct {
	vector FlowVector
	begun  bool  // the header is written
	slab   []run // being formatted, nil: none
	rest   []run // its end
}

// format appends lines to text until it is a full block or nothing more is
// there, and returns how many records it took.
func (r *Recorder) format(text []byte) ([]byte, uint64) {
	f := &r.formatter
	if !f.begun {
		f.begun = true
		text = f.vector.Header(text)
	}
	var records uint64
	for {
		var n uint64
		text, f.rest, n = f.vector.appendRuns(text, f.rest, bzip2BlockSize)
		records += n
		if len(f.rest) > 0 || !r.nextSlab() {
			return text, records
		}
	}
}

// nextSlab gives the formatter the next slab of the queue, false if there is
// none.
func (r *Recorder) nextSlab() bool {
	w, f := r.w, &r.formatter
	w.mu.Lock()
	defer w.mu.Unlock()
	r.dropSlab()
	for len(r.queue) > 0 && r.queue[0].state == spilling {
		w.moved.Wait()
	}
	if len(r.queue) == 0 {
		return false
	}
	s := r.queue[0]
	r.queue[0] = nil
	r.queue = r.queue[1:]
	runs, err := w.load(s)
	f.slab = runs
	if err != nil {
		r.fail(err)
		return false
	}
	f.rest = runs
	return true
}

// dropSlab frees what the formatter has. The lock is held, and nobody formats.
func (r *Recorder) dropSlab() {
	f := &r.formatter
	if f.slab != nil {
		r.w.recycle(f.slab)
		f.slab, f.rest = nil, nil
	}
}
