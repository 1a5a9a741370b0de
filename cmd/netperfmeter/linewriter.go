package main

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// lineWriter writes lines as they come, each with a call of its own, on a
// goroutine of its own: who reads them slowly, or not at all, must not hold up
// a measurement. Lines beyond those that wait are dropped, which close tells.
type lineWriter struct {
	lines   chan []byte
	written chan struct{} // closed when all are
	err     error         // of the first write that failed; valid when written is closed

	mu      sync.Mutex // guards what follows
	closed  bool
	patient time.Time // until then a full queue is waited for
	dropped int
}

// mostLines is how many lines may wait: some ten seconds of a thousand flows.
const mostLines = 1 << 14

func newLineWriter(out io.Writer) *lineWriter {
	w := &lineWriter{lines: make(chan []byte, mostLines), written: make(chan struct{})}
	go func() {
		defer close(w.written)
		for line := range w.lines {
			if w.err == nil {
				_, w.err = out.Write(line)
			}
		}
	}()
	return w
}

func (w *lineWriter) put(line []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	select {
	case w.lines <- line:
		return
	default:
	}
	select {
	case w.lines <- line:
	case <-time.After(time.Until(w.patient)):
		w.dropped++
	}
}

// lineGrace is how long the last lines may wait for their reader.
const lineGrace = 10 * time.Second

// wait makes lines wait for their reader from now on, since nothing is measured
// any more.
func (w *lineWriter) wait() {
	w.mu.Lock()
	w.patient = time.Now().Add(lineGrace)
	w.mu.Unlock()
}

// close ends the writing; lines that still come are ignored. It returns when all
// lines are written, or their reader takes none.
func (w *lineWriter) close() error {
	w.mu.Lock()
	w.closed = true
	n := w.dropped
	w.mu.Unlock()
	close(w.lines)
	select {
	case <-w.written:
	case <-time.After(lineGrace):
		return errors.New("lines to stdout: nobody reads them")
	}
	if w.err != nil {
		return fmt.Errorf("lines to stdout: %w", w.err)
	}
	if n > 0 {
		return fmt.Errorf("lines to stdout: %d were dropped, since they were not read fast enough", n)
	}
	return nil
}
