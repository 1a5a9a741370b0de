package stats

import (
	"fmt"
	"io"
	"os"
	"sync"

	"netperfmeter/sys"
)

// transportTail is how many bytes of a flow's transport vector are kept in
// memory before they go to the file: some thirty lines.
const transportTail = 8 << 10

// TransportLog keeps the transport vectors of all flows of a measurement until
// they are wanted. One temporary file without a name holds them all, since
// thousands of flows have few lines each; it is made with the first need.
type TransportLog struct {
	dir     string
	reserve func(bytes int64) error // asked before the file grows; nil: need not be

	mu   sync.Mutex // guards all below, and the flows' texts
	file *os.File
	end  int64
	err  error // of the file, and from then on nothing is kept
}

// NewTransportLog makes an empty log whose file will be in dir, "": the
// system's directory for such. reserve, if not nil, is asked before the file
// grows by so many bytes; an error ends what is kept.
func NewTransportLog(dir string, reserve func(bytes int64) error) *TransportLog {
	return &TransportLog{dir: dir, reserve: reserve}
}

// Close frees what is kept.
func (l *TransportLog) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		l.file.Close()
		l.file = nil
	}
	l.err = os.ErrClosed
}

// TransportText is the transport vector of one flow, as text.
type TransportText struct {
	log    *TransportLog
	lines  uint64
	pieces []textPiece // what is in the file, in order
	stored int64       // bytes in the pieces
	tail   []byte      // what follows them
}

// textPiece is a part of a flow's text.
type textPiece struct {
	at   int64 // in the flow's text
	file int64 // in the log's file
	n    int64
}

// Flow begins a flow's vector, with its header.
func (l *TransportLog) Flow() *TransportText {
	return &TransportText{log: l, tail: []byte(transportHeader)}
}

// Add appends a line. What cannot be kept is told by ReadAt.
func (t *TransportText) Add(line *TransportLine) {
	t.log.mu.Lock()
	defer t.log.mu.Unlock()
	if t.log.err != nil {
		return
	}
	t.lines++
	t.tail = line.append(t.tail, t.lines)
	if len(t.tail) >= transportTail {
		t.log.err = t.store()
	}
}

// store moves the tail to the file; the log is locked.
func (t *TransportText) store() error {
	l := t.log
	if l.file == nil {
		file, err := sys.TempFile(l.dir)
		if err != nil {
			return err
		}
		l.file = file
	}
	if l.reserve != nil {
		if err := l.reserve(int64(len(t.tail))); err != nil {
			return err
		}
	}
	if _, err := l.file.WriteAt(t.tail, l.end); err != nil {
		return fmt.Errorf("transport vectors: %w", err)
	}
	n := int64(len(t.tail))
	t.pieces = append(t.pieces, textPiece{at: t.stored, file: l.end, n: n})
	l.end += n
	t.stored += n
	t.tail = t.tail[:0]
	return nil
}

// Size is the length of the text up to now, in bytes.
func (t *TransportText) Size() int64 {
	t.log.mu.Lock()
	defer t.log.mu.Unlock()
	return t.stored + int64(len(t.tail))
}

// ReadAt implements io.ReaderAt. At the end of a text that could not be kept
// as a whole the error is the reason, else io.EOF.
func (t *TransportText) ReadAt(b []byte, offset int64) (n int, err error) {
	t.log.mu.Lock()
	defer t.log.mu.Unlock()
	for n < len(b) {
		got, err := t.read(b[n:], offset+int64(n))
		n += got
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// read copies from one piece; the log is locked.
func (t *TransportText) read(b []byte, offset int64) (int, error) {
	if offset >= t.stored {
		rest := offset - t.stored
		if rest >= int64(len(t.tail)) {
			if t.log.err != nil {
				return 0, t.log.err
			}
			return 0, io.EOF
		}
		return copy(b, t.tail[rest:]), nil
	}
	p := t.pieces[t.find(offset)]
	from := offset - p.at
	if t.log.file == nil {
		return 0, t.log.err
	}
	return t.log.file.ReadAt(b[:min(int64(len(b)), p.n-from)], p.file+from)
}

// find returns the index of the piece that has the offset.
func (t *TransportText) find(offset int64) int {
	low, high := 0, len(t.pieces)-1
	for low < high {
		middle := (low + high + 1) / 2
		if t.pieces[middle].at <= offset {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}
