package stats

import (
	"errors"
	"io"
)

// Bzip2Writer compresses what is written to it into one bzip2 stream, several
// blocks at a time. It belongs to one goroutine.
type Bzip2Writer struct {
	w       io.Writer
	workers int
	filling *bzip2Job   // nil: nothing written since the last block
	running []*bzip2Job // in the order of their blocks
	idle    []*bzip2Job
	joiner  bitJoiner
	joined  []byte // reused
	err     error  // the first one
	closed  bool
}

// bzip2Job is a text on its way to become a block.
type bzip2Job struct {
	text    []byte
	encoder blockEncoder
	block   bitBlock
	done    chan struct{} // one message when block is there
}

// NewBzip2Writer returns a writer that keeps up to workers blocks in work (at
// least one), each on a goroutine that ends with its block. Nothing is written
// before a block, 64 KiB, is full. Each block in work takes some 1.5 MB.
func NewBzip2Writer(w io.Writer, workers int) *Bzip2Writer {
	return &Bzip2Writer{w: w, workers: max(1, workers)}
}

// Write may return an error of an earlier block; it waits only for w and when
// all workers are busy.
func (z *Bzip2Writer) Write(p []byte) (int, error) {
	if z.closed {
		return 0, errors.New("bzip2: write after close")
	}
	written := 0
	for len(p) > 0 && z.err == nil {
		if z.filling == nil {
			z.filling = z.nextJob()
		}
		job := z.filling
		n := min(len(p), bzip2BlockSize-len(job.text))
		job.text = append(job.text, p[:n]...)
		p = p[n:]
		written += n
		if len(job.text) == bzip2BlockSize {
			z.start()
		}
	}
	return written, z.err
}

// nextJob returns an empty job; if all are at work it waits for the first.
func (z *Bzip2Writer) nextJob() *bzip2Job {
	if len(z.idle) == 0 && len(z.running) < z.workers {
		return &bzip2Job{done: make(chan struct{}, 1)}
	}
	if len(z.idle) == 0 {
		z.collect()
	}
	last := len(z.idle) - 1
	job := z.idle[last]
	z.idle = z.idle[:last]
	job.text = job.text[:0]
	return job
}

func (z *Bzip2Writer) start() {
	job := z.filling
	z.filling = nil
	z.running = append(z.running, job)
	go func() {
		job.block = job.encoder.encode(job.text)
		job.done <- struct{}{}
	}()
}

// collect waits for the first running job and writes its block.
func (z *Bzip2Writer) collect() {
	job := z.running[0]
	z.running = append(z.running[:0], z.running[1:]...)
	<-job.done
	z.idle = append(z.idle, job)
	if z.err == nil {
		z.joined = z.joiner.join(z.joined[:0], job.block)
		_, z.err = z.w.Write(z.joined)
	}
}

// Close writes what is left and the end of the stream; it does not close w. It
// returns the first error of the stream, each time it is called.
func (z *Bzip2Writer) Close() error {
	if z.closed {
		return z.err
	}
	z.closed = true
	if z.filling != nil && len(z.filling.text) > 0 {
		z.start()
	}
	for len(z.running) > 0 {
		z.collect()
	}
	if z.err == nil {
		_, z.err = z.w.Write(z.joiner.finish(z.joined[:0]))
	}
	z.filling, z.idle, z.joined = nil, nil, nil
	return z.err
}
