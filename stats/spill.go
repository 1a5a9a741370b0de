package stats

import (
	"fmt"
	"os"

	"netperfmeter/sys"
)

// slotSize is the room for one slab in the spill file.
const slotSize = int64(maxSlab * runSize)

// spillFile keeps slabs for which there is no memory, in a file without a name.
// Slots are used again, so that it is never larger than the greatest backlog;
// small slabs leave holes. The slots belong to whoever holds the lock of the
// Writers; reading and writing a slot need none.
type spillFile struct {
	dir     string
	reserve func(bytes int64) error // nil: there is always room
	file    *os.File                // nil: not created yet
	free    []int64
	end     int64 // slots in the file
	booked  int64 // slots that reserve has granted; the spiller's
}

// open creates the file.
func (f *spillFile) open() (err error) {
	f.file, err = sys.TempFile(f.dir)
	return err
}

// slot returns a free one.
func (f *spillFile) slot() int64 {
	if last := len(f.free) - 1; last >= 0 {
		slot := f.free[last]
		f.free = f.free[:last]
		return slot
	}
	f.end++
	return f.end - 1
}

func (f *spillFile) release(slot int64) { f.free = append(f.free, slot) }

func (f *spillFile) write(slot int64, runs []run) error {
	if slot >= f.booked && f.reserve != nil {
		if err := f.reserve((slot + 1 - f.booked) * slotSize); err != nil {
			return f.wrap(err)
		}
		f.booked = slot + 1
	}
	if _, err := f.file.WriteAt(runBytes(runs), slot*slotSize); err != nil {
		return f.wrap(err)
	}
	return nil
}

func (f *spillFile) read(slot int64, runs []run) error {
	if _, err := f.file.ReadAt(runBytes(runs), slot*slotSize); err != nil {
		return f.wrap(err)
	}
	return nil
}

// wrap names the directory, since the file's own name says nothing to a user.
func (f *spillFile) wrap(err error) error {
	dir := f.dir
	if dir == "" {
		dir = os.TempDir()
	}
	return fmt.Errorf("keeping records in a temporary file in %s: %w", dir, err)
}

func (f *spillFile) close() {
	if f.file != nil {
		_ = f.file.Close() // nobody wants what is in it any more
	}
}
