package stats

// spillSlabs moves slabs to the spill file, at normal priority, as long as the
// writers are open: memory has to stay bounded while all others wait.
func (w *Writers) spillSlabs() {
	defer w.wg.Done()
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for len(w.spills) == 0 && !w.closed {
			w.toSpill.Wait()
		}
		if w.closed {
			w.keepInMemory(w.spills)
			w.moved.Broadcast()
			return
		}
		s := w.spills[0]
		w.spills[0] = nil
		w.spills = w.spills[1:]
		w.spillOne(s)
		w.moved.Broadcast()
	}
}

// spillOne is called with the lock, and gives it up while it writes.
func (w *Writers) spillOne(s *slab) {
	if s.state == dropped {
		w.recycle(s.runs)
		return
	}
	slot := w.spill.slot()
	w.mu.Unlock()
	var err error
	if w.spill.file == nil {
		err = w.spill.open()
	}
	if err == nil {
		err = w.spill.write(slot, s.runs)
	}
	w.mu.Lock()
	if err != nil {
		w.spill.release(slot)
		w.stopSpilling(s, err)
		return
	}
	w.recycle(s.runs)
	s.runs = nil
	if s.state == dropped {
		w.spill.release(slot)
		return
	}
	s.state, s.slot = onDisk, slot
}

// stopSpilling keeps in memory what was to be spilled. From now on it is more
// important to make room than to disturb nobody.
func (w *Writers) stopSpilling(s *slab, err error) {
	w.config.Log.Warn("No room for waiting records, writing at once", "error", err)
	w.spillError = err
	w.keepInMemory(append(w.spills, s))
	w.spills = nil
	w.hurryLocked()
}

func (w *Writers) keepInMemory(slabs []*slab) {
	for _, s := range slabs {
		if s.state == dropped {
			w.recycle(s.runs)
		} else {
			s.state = inMemory
		}
	}
}

// load returns the runs of a slab that is next in its recorder's queue: the
// lock is held, and given up while reading.
func (w *Writers) load(s *slab) ([]run, error) {
	if s.state == inMemory {
		return s.runs, nil
	}
	size := minSlab
	for size < s.count {
		size *= 2
	}
	runs := w.slabs.get(size)[:s.count]
	w.memory += slabBytes(runs)
	w.mu.Unlock()
	err := w.spill.read(s.slot, runs)
	w.mu.Lock()
	w.spill.release(s.slot)
	return runs, err
}
