package passive

import (
	"fmt"
	"io"
	"os"
	"sync"

	"netperfmeter/sys"
)

// spool is a result file that is written on one goroutine and sent while it
// still grows on another. It is a temporary file without a name: nothing is
// left of it when the process ends, however it ends.
type spool struct {
	file *os.File
	disk *disk // where its room is booked

	mu      sync.Mutex
	grown   *sync.Cond // written or ended has changed
	written int64
	ended   bool
	err     error // of the writing
}

func newSpool(dir string, disk *disk) (*spool, error) {
	file, err := sys.TempFile(dir)
	if err != nil {
		return nil, fmt.Errorf("temporary result file: %w", err)
	}
	s := &spool{file: file, disk: disk}
	s.grown = sync.NewCond(&s.mu)
	return s, nil
}

// Write appends. A failed write ends the spool's use, but not its content.
func (s *spool) Write(b []byte) (int, error) {
	n, err := 0, s.disk.reserve(int64(len(b)))
	if err == nil {
		n, err = s.file.WriteAt(b, s.written)
		s.disk.release(int64(len(b) - n))
	}
	s.mu.Lock()
	s.written += int64(n)
	if err != nil && s.err == nil {
		s.err = fmt.Errorf("temporary result file: %w", err)
	}
	s.grown.Broadcast()
	s.mu.Unlock()
	return n, err
}

// end says that no more will be written, and with what error that ended.
func (s *spool) end(err error) {
	s.mu.Lock()
	s.ended = true
	if s.err == nil {
		s.err = err
	}
	s.grown.Broadcast()
	s.mu.Unlock()
}

// next reads what follows at offset, waiting until there is something: io.EOF
// at the end of a complete file, the writer's error at the end of another.
func (s *spool) next(b []byte, offset int64) (int, error) {
	s.mu.Lock()
	for s.written == offset && !s.ended {
		s.grown.Wait()
	}
	available, err := s.written-offset, s.err
	s.mu.Unlock()
	if available == 0 {
		if err == nil {
			err = io.EOF
		}
		return 0, err
	}
	return s.file.ReadAt(b[:min(int64(len(b)), available)], offset)
}

func (s *spool) close() {
	s.file.Close()
	s.mu.Lock()
	written := s.written
	s.mu.Unlock()
	s.disk.release(written)
}
